/** Words about review rounds, questions and guidelines; part of words.ts. */
export const en = {
  "do.decide": "Submit the decision", "do.take_a": "Take A's", "do.take_b": "Take B's", "do.take_c": "Take C's", "do.take_d": "Take D's", "do.take_all_a": "Take all of A", "do.take_all_b": "Take all of B", "do.take_all_c": "Take all of C", "do.take_all_d": "Take all of D", "do.beside": "Answers beside, or over each other", "do.take_neither": "Take no side's: what you draw stands", "do.undo_verdict": "Take the verdict back", "do.comment": "Comment on the object, or at the pointer",
  "do.next_pin": "Next comment, change or disagreement", "do.previous_pin": "Previous comment, change or disagreement", "do.settle": "Settle the comment", "do.changes": "Show or hide what changed",
  "do.guidelines": "Guidelines", "do.ask": "Ask about this item", "do.dispute": "Dispute that this came back",
  return_to: "Goes to", its_author: "its author", dispute: "Dispute", dispute_title: "Dispute this return", dispute_help: "The item waits while somebody else decides: neither you nor who returned it. What you changed since is kept as a draft.", dispute_why: "Why it is right as it was", dispute_now: "Dispute and next", dispute_needs: "Say why it is right.", disputed: "Disputed. If the return stands, it comes back to you.", upheld_by: "{name} upheld the return", upheld: "The return was upheld",
  more_words: "In words, if you like", settle: "Settle", settled_since: "Settled since the last round", settled_by: "Settled by {name}", settled_all: "All comments are settled.", not_settled: "The comment could not be settled; try again.",
  nothing_to_step: "There is nothing to step through.", taken_back: "The verdict is taken back: judge anew.", "judged.accept": "Accepted", "judged.return": "Returned", "judged.fix": "Fixed", take_back: "Take back",
  changes: "Changed since the last round", "change.added": "new", "change.removed": "removed", "change.moved": "moved", "change.relabelled": "relabelled", "change.attributes": "attributes", the_item: "the item itself", was: "was {label}",
  pin_point: "It will be pinned to the point {x}, {y}.", at_point: "at {x}, {y}",
  ask_title: "Ask about this item", ask_help: "The item waits for the answer and comes back to you first.", question: "Question", ask_now: "Ask and next", ask_needs: "Say what you want to know.", ask_pinned: "Pinned to {name}.", ask_point: "Pinned to the pointer's place.",
  asked: "Asked. It comes back to you with the answer.", answered_by: "{name} answered", answered: "Answered", you_asked: "You asked",
  guidelines: "Guidelines", guidelines_none: "No guidelines are written yet. Ask when you do not know.", guidelines_new: "New: version {n}", guidelines_version: "Version {n}", have_read: "I have read it", good: "Good", bad: "Bad", of_no_label: "In general", guidelines_page: "Open their page",
  sides: "Disagreements", sides_none: "All answers agree.", undecided: "{n} disagreements are not decided yet.", undecided_one: "One disagreement is not decided yet.", all_decided: "All is decided. Submit the decision.", takes: "{side}'s", has_nothing: "nothing", unset: "not set", next_one: "Next", decided_of: "{n} of {of} decided", neither: "Neither", none_of_them: "None of them", draw_right: "Neither is taken. Draw or choose what is right.", adjudicating: "Answers that differ: take a side, or draw what is right", agreed: "{n} agree",
  beside_each_other: "Side by side", over_each_other: "Over each other", take_whole: "All of", all_of: "Take all of {side}", taken_whole: "All of {side} is taken. Look it over, then submit.", same_of_all: "The same in all: {n}", the_answers: "Answers", lanes_none: "No span differs. What differs is listed at the side.", "judged.decided": "Decided",
  "differs.missing": "missing in {sides}", "differs.number": "one or several", "differs.label": "other label", "differs.moved": "moved", "differs.moved_by": "moved, IoU {iou}", "differs.attributes": "attributes: {names}",
};
type Word = keyof typeof en;

export const zh: Record<Word, string> = {
  "do.decide": "提交裁定", "do.take_a": "采用 A", "do.take_b": "采用 B", "do.take_c": "采用 C", "do.take_d": "采用 D", "do.take_all_a": "全部采用 A", "do.take_all_b": "全部采用 B", "do.take_all_c": "全部采用 C", "do.take_all_d": "全部采用 D", "do.beside": "答案并排或叠放", "do.take_neither": "都不采用，以您画的为准", "do.undo_verdict": "撤回审核结论", "do.comment": "评论对象或指针处",
  "do.next_pin": "下一条评论、变化或分歧", "do.previous_pin": "上一条评论、变化或分歧", "do.settle": "解决此评论", "do.changes": "显示或隐藏变化",
  "do.guidelines": "标注规范", "do.ask": "就此项提问", "do.dispute": "对退回提出异议",
  return_to: "交给", its_author: "原标注员", dispute: "提出异议", dispute_title: "对此次退回提出异议", dispute_help: "此项将等待他人裁定：既不是您，也不是退回者。您之后的修改保存为草稿。", dispute_why: "为什么原答案是对的", dispute_now: "提出异议并继续", dispute_needs: "请写明为什么是对的。", disputed: "已提出异议。如维持退回，会再交给您。", upheld_by: "{name} 维持退回", upheld: "维持退回",
  more_words: "可补充说明", settle: "解决", settled_since: "上一轮后已解决", settled_by: "由 {name} 解决", settled_all: "评论都已解决。", not_settled: "未能解决此评论，请重试。",
  nothing_to_step: "没有可逐项查看的内容。", taken_back: "结论已撤回：请重新审核。", "judged.accept": "已通过", "judged.return": "已退回", "judged.fix": "已修正", take_back: "撤回",
  changes: "自上一轮以来的变化", "change.added": "新增", "change.removed": "删除", "change.moved": "移动", "change.relabelled": "改标签", "change.attributes": "改属性", the_item: "整体", was: "原为 {label}",
  pin_point: "将钉在点 {x}, {y}。", at_point: "位于 {x}, {y}",
  ask_title: "就此项提问", ask_help: "此项将等待回答，并首先回到您这里。", question: "问题", ask_now: "提问并继续", ask_needs: "请写明您想知道什么。", ask_pinned: "钉在 {name} 上。", ask_point: "钉在指针处。",
  asked: "已提问。有了回答会回到您这里。", answered_by: "{name} 回答了", answered: "已回答", you_asked: "您的问题",
  guidelines: "标注规范", guidelines_none: "还没有写规范。不清楚时请提问。", guidelines_new: "新：第 {n} 版", guidelines_version: "第 {n} 版", have_read: "我已阅读", good: "正确", bad: "错误", of_no_label: "通用", guidelines_page: "打开其页面",
  sides: "分歧", sides_none: "所有答案一致。", undecided: "还有 {n} 处分歧未裁定。", undecided_one: "还有一处分歧未裁定。", all_decided: "已全部裁定。请提交。", takes: "采用 {side}", has_nothing: "无", unset: "未填", next_one: "下一处", decided_of: "已裁定 {n}/{of}", neither: "都不采用", none_of_them: "都不采用", draw_right: "双方都未采用。请画出或选择正确的。", adjudicating: "答案不一致：采用一方，或画出正确的", agreed: "{n} 处一致",
  beside_each_other: "并排", over_each_other: "叠放", take_whole: "全部采用", all_of: "全部采用 {side}", taken_whole: "已全部采用 {side}。请检查后提交。", same_of_all: "各方相同：{n}", the_answers: "答案", lanes_none: "没有不同的片段。不同之处列在侧栏。", "judged.decided": "已裁定",
  "differs.missing": "{sides} 中缺少", "differs.number": "个数不同", "differs.label": "标签不同", "differs.moved": "位置不同", "differs.moved_by": "位置不同，IoU {iou}", "differs.attributes": "属性不同：{names}",
};
