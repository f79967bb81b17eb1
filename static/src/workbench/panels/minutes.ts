/** Whole minutes until a moment, counted anew as they pass. */
import { useEffect, useState } from "preact/hooks";

export function useMinutes(until: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, [until]);
  return Math.max(0, Math.ceil((until - now) / 60_000));
}
