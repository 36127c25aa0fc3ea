// Everything that happens, as it happens: one WebSocket that comes back by itself.

import { socketUrl } from "./api.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

export class Stream extends EventTarget {
  #wait = FIRST_WAIT_MS;
  #socket = null;
  #wanted = false;
  #listeners = new Set();

  open() {
    this.#wanted = true;
    this.#connect();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#wanted && !this.#socket) this.#connect();
    });
  }

  close() {
    this.#wanted = false;
    this.#socket?.close();
  }

  /** Calls `listener` with every event; returns what ends that. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #connect() {
    const socket = (this.#socket = new WebSocket(socketUrl("/api/events")));
    this.#tell({ event: "link", link: "connecting" });
    socket.onopen = () => {
      this.#wait = FIRST_WAIT_MS;
      this.#tell({ event: "link", link: "open" });
    };
    socket.onmessage = ({ data }) => JSON.parse(data).forEach((event) => this.#tell(event));
    socket.onclose = ({ code }) => {
      this.#socket = null;
      if (!this.#wanted) return;
      this.#tell({ event: "link", link: "away", code });
      setTimeout(() => this.#wanted && !this.#socket && this.#connect(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    };
  }

  #tell(event) {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
