/** One request of files to the server, with its progress; a refusal comes as a Problem, silence as Offline. */
import type { Found } from "./dropped.ts";
import { Offline, Problem } from "./problem.ts";

export interface Sending {
  done: Promise<void>;
  stop: () => void;
}

/** `key` makes a repeated request the same one; `told` gets the share that has gone, 0 to 1. */
export function send(url: string, csrf: string, key: string, files: readonly Found[], told: (share: number) => void): Sending {
  const request = new XMLHttpRequest();
  const body = new FormData();
  for (const { path, file } of files) body.append("files", file, path);
  const done = new Promise<void>((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onerror = request.ontimeout = () => reject(new Offline());
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onload = () => {
      if (request.status < 300) return resolve();
      const wait = Number(request.getResponseHeader("Retry-After"));
      reject(new Problem(request.status, parsed(request.responseText), wait > 0 ? wait : null));
    };
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrf);
    request.setRequestHeader("Idempotency-Key", key);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
  return { done, stop: () => request.abort() };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {}; // a proxy's page; the status says enough
  }
}
