/** Every tool there is, registered once; the order is that of `toolFor`'s first choice. */
import { boxTool } from "./box.ts";
import { brushTool, eraserTool } from "./brush.ts";
import { extremeTool } from "./extreme.ts";
import { fillTool } from "./fill.ts";
import { keypointsTool } from "./keypoints.ts";
import { holeTool, polygonTool, polylineTool } from "./path.ts";
import { outlineTool } from "./outline.ts";
import { pointTool } from "./point.ts";
import { registerTool } from "./registry.ts";
import { rotatedTool } from "./rotated.ts";
import { selectTool } from "./select.ts";
import { splitTool } from "./split.ts";

registerTool("select", null, selectTool);
registerTool("box", "box", boxTool);
registerTool("extreme", "box", extremeTool);
registerTool("rotated", "box", rotatedTool);
registerTool("polygon", "polygon", polygonTool);
registerTool("hole", null, holeTool);
registerTool("polyline", "polyline", polylineTool);
registerTool("point", "point", pointTool);
registerTool("keypoints", "keypoints", keypointsTool);
registerTool("split", null, splitTool);
registerTool("brush", "mask", brushTool);
registerTool("eraser", null, eraserTool);
registerTool("fill", null, fillTool);
registerTool("outline", null, outlineTool, ["polygon", "mask"]);
