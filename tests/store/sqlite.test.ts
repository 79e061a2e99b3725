import { counterReadingSuite } from "../suites/counter-reading-suite.ts";
import { counterSuite } from "../suites/counter-suite.ts";
import { sqliteKind } from "../suites/store-kinds.ts";
import { storeSuite } from "../suites/store-suite.ts";

counterSuite(sqliteKind);
storeSuite(sqliteKind);
counterReadingSuite(sqliteKind);
