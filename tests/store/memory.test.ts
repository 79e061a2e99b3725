import { counterReadingSuite } from "../suites/counter-reading-suite.ts";
import { counterSuite } from "../suites/counter-suite.ts";
import { memoryKind } from "../suites/store-kinds.ts";
import { storeSuite } from "../suites/store-suite.ts";

counterSuite(memoryKind);
storeSuite(memoryKind);
counterReadingSuite(memoryKind);
