// Starts the parts of the page.

import { startAsking } from "./ask.js";
import { showReference } from "./reference.js";
import { showTurns } from "./turns.js";

startAsking(showTurns);
void showTurns();
void showReference();
