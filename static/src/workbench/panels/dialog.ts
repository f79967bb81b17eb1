/** A modal dialog that opens as it is drawn and gives the focus back when it goes. */
import { useEffect, useRef } from "preact/hooks";

export function useDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => {
      dialog.current?.close();
      before?.focus?.({ preventScroll: true });
    };
  }, []);
  return dialog;
}
