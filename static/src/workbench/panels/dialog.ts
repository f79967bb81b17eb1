/** A modal dialog that opens as it is drawn and gives the focus back when it goes. */
import { useLayoutEffect, useRef } from "preact/hooks";

export function useDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => {
      dialog.current?.close();
      before?.focus?.({ preventScroll: true });
    };
  }, []);
  return dialog;
}
