/** The thread in which the hook looks a server up; `hook-answer.ts` starts it and does not wait for ever. */
import { parentPort, workerData } from "node:worker_threads";
import { answer } from "./hook-answer.ts";

parentPort?.postMessage(answer(workerData), []);
