// Everything works without scripts. These make it quicker; one subject a module.
import "./appearance.js";
import "./dialog.js";
import "./filters.js";
import "./import.js";
import "./lookups.js";
import "./newstatus.js";
import "./progress.js";
import "./rowmenu.js";
import "./shortcuts.js";
import "./ticks.js";
