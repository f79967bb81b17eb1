/** Words about masks, the quick outline and suggestions; part of words.ts. */
export const en = {
  "do.brush_tool": "Paint a mask; again: a new one", "do.eraser_tool": "Erase from a mask", "do.fill_tool": "Fill a closed region", "do.outline_tool": "Quick outline: drag a box around an object",
  "do.outline_boxes": "Outline what is in the box", "do.fill_holes": "Fill all holes", "do.convert": "Mask to polygon, polygon to mask",
  "do.finer": "Smaller brush", "do.thicker": "Larger brush", "do.apart": "Leave other masks as they are",
  "do.accept_suggestion": "Accept the suggestion", "do.reject_suggestion": "Reject the suggestion", "do.edit_suggestion": "Accept and change the suggestion",
  "do.accept_likely": "Accept all suggestions above the score", "do.next_suggestion": "Next suggestion", "do.previous_suggestion": "Previous suggestion",
  mask_tools: "Mask tools", brush_size: "Size", keep_apart: "Leave other masks", outline_makes: "Makes a", kind_polygon: "polygon", kind_mask: "mask", tolerance: "Tolerance in pixels",
  to_polygon: "To polygon", to_mask: "To mask", erase_needs: "Select the mask to erase from, or begin on it.", mask_label: "Choose a label that is drawn as a mask first.",
  fill_open: "There is no closed region here: a mask must surround it.", no_holes: "This mask has no holes.", mask_empty: "This polygon is too small for a mask.",
  outline_label: "Choose a label that is drawn as a polygon or a mask first.", outline_none: "Nothing stands out in this box. Draw it closer around the object, or outline it by hand.",
  outline_refine: "Click adds, Alt+click takes out; Enter keeps, Esc drops", outline_small: "Too little would be left.", outline_dropped: "The outline was dropped; Ctrl+Z brings it back.",
  suggestions: "Suggestions", least_score: "Lowest score", accept_from: "Accept {n} from {score} %", accept_name: "Accept {name}", edit_name: "Accept and change {name}", reject_name: "Reject {name}",
  accept_one: "Accept", reject_one: "Reject", next_one: "Next", bring_back: "Bring {n} rejected back", accepted: "{n} suggestions accepted.", accepted_one: "One suggestion accepted.",
  "mouse.brush": "Alt while painting: erase; Shift+click: straight on from the last stroke", "mouse.refine": "After a quick outline: click what is missing, Alt+click what is too much; O goes on with one made before",
};

export const zh: Record<keyof typeof en, string> = {
  "do.brush_tool": "涂抹掩码；再按：新建", "do.eraser_tool": "擦除掩码", "do.fill_tool": "填充封闭区域", "do.outline_tool": "快速轮廓：在对象外拖一个框",
  "do.outline_boxes": "勾出框内对象", "do.fill_holes": "填充所有孔洞", "do.convert": "掩码与多边形互转",
  "do.finer": "画笔变小", "do.thicker": "画笔变大", "do.apart": "不覆盖其他掩码",
  "do.accept_suggestion": "采纳建议", "do.reject_suggestion": "拒绝建议", "do.edit_suggestion": "采纳并修改建议",
  "do.accept_likely": "采纳高于分数的全部建议", "do.next_suggestion": "下一条建议", "do.previous_suggestion": "上一条建议",
  mask_tools: "掩码工具", brush_size: "大小", keep_apart: "不覆盖其他掩码", outline_makes: "生成", kind_polygon: "多边形", kind_mask: "掩码", tolerance: "容差（像素）",
  to_polygon: "转为多边形", to_mask: "转为掩码", erase_needs: "请先选择要擦除的掩码，或从掩码上开始。", mask_label: "请先选择可涂掩码的标签。",
  fill_open: "这里没有封闭区域：须被掩码包围。", no_holes: "此掩码没有孔洞。", mask_empty: "此多边形太小，无法成为掩码。",
  outline_label: "请先选择可画多边形或掩码的标签。", outline_none: "框内没有明显的对象。请让框更贴近对象，或手动勾画。",
  outline_refine: "单击添加，Alt+单击去除；回车保留，Esc 放弃", outline_small: "剩下的太少了。", outline_dropped: "轮廓已放弃；Ctrl+Z 可恢复。",
  suggestions: "建议", least_score: "最低分数", accept_from: "采纳 {n} 条（不低于 {score} %）", accept_name: "采纳 {name}", edit_name: "采纳并修改 {name}", reject_name: "拒绝 {name}",
  accept_one: "采纳", reject_one: "拒绝", next_one: "下一条", bring_back: "恢复已拒绝的 {n} 条", accepted: "已采纳 {n} 条建议。", accepted_one: "已采纳一条建议。",
  "mouse.brush": "涂抹时按 Alt：擦除；Shift+单击：从上一笔直线连接", "mouse.refine": "快速轮廓之后：单击缺少处，Alt+单击多余处；按 O 继续修正已有轮廓",
};
