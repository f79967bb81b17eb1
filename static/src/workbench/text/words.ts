/** Words of the text part, in both languages. */
export const TEXT_EN = {
  "group.text": "Text", "do.text_mark": "Mark what is selected", "do.text_grain": "Whole words or single characters", "do.text_relation": "Relation: from the chosen span to another",
  "do.text_caret": "Move the caret", "do.text_extend": "Select by words or characters", "do.text_end": "Move the end of the span", "do.text_start": "Move the start of the span",
  "do.text_question": "Next question about the item; digits answer it", "do.text_question_back": "Previous question", "do.text_question_done": "From a field to the next question",
  text_asked: "{question}: {options}. Escape goes back to the text.", text_ask: "Questions", text_tapped: "Tap the last word, or a label",
  text_stage: "Text. Arrow keys move by words, with Shift they select; a label's key marks; Tab goes through the marks, F6 leaves the text.",
  text_words: "Selects whole words", text_characters: "Selects characters", text_link: "New relation", text_relations: "Relations", text_selected: "selected: {text}", text_marked: "{label}: {text}",
  text_no_span: "{label} does not mark words.", text_choose_head: "Choose the span where the relation begins: click it, or Tab and Enter.",
  text_choose_tail: "Now the span where it ends: click it, or Tab and Enter. Digits choose the relation.",
  text_no_relation: "The schema has no relation from {from} to {to}.", text_no_relation_but: "The schema has no relation from {from} to {to}; from {from} there are: {others}.",
  text_no_objects: "Nothing marked yet. Select words, then press a label's key.", text_armed: "Each selection becomes {label}", text_arc: "{from} → {to}", text_more: "{n} more",
  text_label_help: "Press a key after selecting words to mark them; before, to mark each selection that follows.",
};

export const TEXT_ZH: Record<keyof typeof TEXT_EN, string> = {
  "group.text": "文本", "do.text_mark": "标注所选文字", "do.text_grain": "整词或单字", "do.text_relation": "关系：从所选片段到另一片段",
  "do.text_caret": "移动光标", "do.text_extend": "按词或字选择", "do.text_end": "移动片段结尾", "do.text_start": "移动片段开头",
  "do.text_question": "下一个关于整条数据的问题，数字键作答", "do.text_question_back": "上一个问题", "do.text_question_done": "填完后到下一个问题",
  text_asked: "{question}：{options}。按 Esc 回到文本。", text_ask: "问题", text_tapped: "再点最后一个词，或点标签",
  text_stage: "文本。方向键按词移动，按住 Shift 选择；标签键标注；Tab 依次选择片段，F6 离开文本。",
  text_words: "按整词选取", text_characters: "按单字选取", text_link: "新建关系", text_relations: "关系", text_selected: "已选：{text}", text_marked: "{label}：{text}",
  text_no_span: "{label} 不用于标注文字。", text_choose_head: "请选择关系的起点片段：单击，或用 Tab 和 Enter。",
  text_choose_tail: "再选择终点片段：单击，或用 Tab 和 Enter。数字键选择关系。",
  text_no_relation: "标签体系中没有从 {from} 到 {to} 的关系。", text_no_relation_but: "标签体系中没有从 {from} 到 {to} 的关系；从 {from} 出发的有：{others}。",
  text_no_objects: "还没有标注。选择文字后按标签键。", text_armed: "之后所选的文字都标为 {label}", text_arc: "{from} → {to}", text_more: "还有 {n} 个",
  text_label_help: "先选文字再按键即标注；先按键，则之后所选的文字都标为该标签。",
};
