import { counterSuite } from "../suites/counter-suite.ts";
import { memoryKind } from "../suites/store-kinds.ts";
import { storeSuite } from "../suites/store-suite.ts";

counterSuite(memoryKind);
storeSuite(memoryKind);
