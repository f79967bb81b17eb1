import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, search } from "../../../static/src/kit/fuzzy.ts";
import { initials } from "../../../static/src/kit/pinyin.ts";

test("Chinese names are known by the first letters of their pinyin", () => {
  const known = {
    车辆: "cl", 行人: "xr", 自行车: "zxc", 交通标志: "jtbz", 红细胞: "hxb", 血小板: "xxb", 提交并继续: "tjbjx", 安全帽: "aqm", 鹅: "e",
    哦: "o", 欧洲: "oz", 二维码: "ewm", 日期: "rq", 他人: "tr", 蓝色: "ls", 骑车人: "qcr", 物体: "wt", 摩托车: "mtc", "3D 框": "3dk",
  };
  for (const [name, letters] of Object.entries(known)) assert.equal(initials(name), letters, name);
  assert.equal(initials("car"), "");
});

test("the better fit comes first, in either language", () => {
  const things = [["truck", "卡车"], ["car", "轿车"], ["traffic light", "红绿灯"], ["cart", "推车"], ["scar", "疤痕"]];
  const found = (query: string): string[] => search(query, things, (thing) => thing).map(([name]) => name!);
  assert.deepEqual(found("car"), ["car", "cart", "scar"]);
  assert.deepEqual(found("tl")[0], "traffic light");
  assert.deepEqual(found("hld"), ["traffic light"]);
  assert.deepEqual(found("车"), ["truck", "car", "cart"]);
  assert.deepEqual(found("CAR ")[0], "car");
  assert.deepEqual(found("zzz"), []);
  assert.equal(found("").length, 5);
});

test("letters in their order find a name, tighter ones sooner", () => {
  assert.ok(fits("sbmt", ["Submit and next"]) > 0);
  assert.ok(fits("sub", ["Submit"]) > fits("sub", ["Save upper box"]));
  assert.equal(fits("tms", ["Submit"]), 0);
});
