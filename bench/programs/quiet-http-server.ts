/** The same server over HTTP, for calls without anything between. Prints its address. */
import { answerPosts } from "./posts.ts";
import { quietAnswer } from "./quiet-answers.ts";

answerPosts((text, reply) => reply(quietAnswer(text) ?? ""));
