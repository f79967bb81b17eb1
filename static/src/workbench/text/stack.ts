/** Overlap layout: on which level below the text each mark is drawn, so that neither marks nor their tags meet. Pure. */

/** A part of a mark on one line, `left` and `right` in pixels. */
export interface Run {
  line: number;
  left: number;
  right: number;
}

/** The level of each mark, in the order given. Short marks come first, so that the nested lie between the text and what holds them. */
export function stacked(marks: readonly (readonly Run[])[], gap = 2): number[] {
  const length = (runs: readonly Run[]): number => runs.reduce((sum, run) => sum + run.right - run.left, 0);
  const order = marks.map((runs, index) => ({ runs, index, length: length(runs) }));
  order.sort((a, b) => a.length - b.length || a.index - b.index);
  const levels = new Array<number>(marks.length).fill(0);
  const taken = new Map<number, Run[][]>();
  const free = (run: Run, level: number): boolean =>
    !(taken.get(run.line)?.[level] ?? []).some((one) => run.left < one.right + gap && one.left < run.right + gap);
  for (const { runs, index } of order) {
    let level = 0;
    while (!runs.every((run) => free(run, level))) level++;
    levels[index] = level;
    for (const run of runs) {
      const line = taken.get(run.line) ?? [];
      taken.set(run.line, line);
      while (line.length <= level) line.push([]);
      line[level]!.push(run);
    }
  }
  return levels;
}
