/** Waits between tries of the same request: doubling, with a little chance so that a crowd does not come back at once. */
export function waitFor(attempt: number, chance: () => number = Math.random): number {
  return Math.min(1000 * 2 ** attempt, 30_000) * (0.75 + 0.5 * chance());
}
