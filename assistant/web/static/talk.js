// This browser as a place to talk: its microphone to the daemon, the spoken reply back.

import { socketUrl } from "./api.js";

const LONGEST_BACKLOG = 512;
/** Frames kept while the connection opens: 16 s. */

export class Microphone {
  /** Why there can be none here, as a key of the texts; null: it may be asked for. */
  static hindrance() {
    if (!window.isSecureContext) return "talk.insecure";
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) return "talk.unsupported";
    return null;
  }

  /** Why asking for it failed, as a key of the texts. */
  static refusal(error) {
    return { NotAllowedError: "talk.refused", NotFoundError: "talk.none", NotReadableError: "talk.busy" }[error?.name] ?? "talk.failed";
  }
}

/** One conversation: from the first word (push) or until it is switched off (hands-free). */
export class Talk {
  #context;
  #socket = null;
  #stream = null;
  #recorder = null;
  #backlog = [];
  #ending = false;
  #answered = false;
  #spoken = false;
  #player;

  /** onstate("opening" | "listening" | "waiting" | "playing" | "closed" | other states of the server), onlevel(0-1), onturn(summary) */
  constructor({ mode, room, onstate, onlevel, onturn, onproblem }) {
    Object.assign(this, { mode, room, onstate, onlevel, onturn, onproblem });
  }

  async open() {
    this.onstate("opening");
    // Both within the click that asked for it: browsers let sound play only then.
    this.#context = new AudioContext();
    this.#context.resume();
    this.#player = new Player(this.#context, (playing) => this.onstate(playing ? "playing" : this.mode === "push" ? "waiting" : "idle"));
    this.#connect();
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
      await this.#context.audioWorklet.addModule(new URL("./recorder.js", import.meta.url));
    } catch (error) {
      this.onproblem(Microphone.refusal(error));
      return this.close();
    }
    if (!this.#socket) return this.close();
    this.#record();
    if (this.#ending) this.#end();
    else this.onstate(this.mode === "push" ? "listening" : "idle");
  }

  /** Push-to-talk was let go: what was said is answered. */
  release() {
    this.#ending = true;
    if (this.#recorder) this.#end();
  }

  hush() {
    this.#player?.stop();
  }

  close() {
    this.#deafen();
    this.#player?.stop();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    if (this.#context?.state !== "closed") this.#context?.close();
    this.onlevel(0);
    this.onstate("closed");
  }

  #connect() {
    const socket = (this.#socket = new WebSocket(socketUrl("/api/talk", { room: this.room, mode: this.mode, rate: 16_000 })));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      for (const each of this.#backlog.splice(0)) socket.send(each);
    };
    socket.onmessage = ({ data }) => (typeof data === "string" ? this.#told(JSON.parse(data)) : this.#player.push(data));
    socket.onclose = async ({ reason }) => {
      if (this.#socket !== socket) return;
      if (reason) this.onproblem(reason);
      this.#deafen();
      await this.#player.finished();
      this.close();
    };
  }

  #record() {
    const source = this.#context.createMediaStreamSource(this.#stream);
    this.#recorder = new AudioWorkletNode(this.#context, "recorder", { numberOfOutputs: 1 });
    const silent = this.#context.createGain();
    silent.gain.value = 0;
    source.connect(this.#recorder).connect(silent).connect(this.#context.destination);
    this.#recorder.port.onmessage = ({ data }) => {
      this.onlevel(peak(data));
      this.#send(data.buffer);
    };
  }

  #end() {
    this.#recorder.port.postMessage("flush");
    // The last frame comes back by message: only behind it may the end be told.
    setTimeout(() => {
      if (!this.#recorder) return;
      this.#deafen();
      this.#send(JSON.stringify({ end: true }));
      this.onlevel(0);
      this.onstate("waiting");
    }, 60);
  }

  #deafen() {
    this.#recorder?.port.postMessage("close");
    this.#recorder?.disconnect();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#recorder = this.#stream = null;
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(message);
    else if (this.#backlog.length < LONGEST_BACKLOG) this.#backlog.push(message);
  }

  async #told(message) {
    if (message.audio) this.#player.begin(message.audio.rate);
    if ("audio" in message) this.#spoken = message.audio === null;
    // Whoever speaks into a reply has heard enough of it.
    if (message.state === "listening") this.#player.stop();
    if (message.state) this.onstate(message.state);
    // What the pause has ended is not spoken into any more.
    if (message.state === "thinking" && this.mode === "push") this.#deafen();
    if (message.turn) {
      this.#answered = true;
      this.onturn(message.turn);
    }
    if (this.mode !== "push" || !this.#answered || !this.#spoken) return;
    this.#deafen();
    await this.#player.finished();
    this.close();
  }
}

/** Plays PCM as it comes, one piece behind the other. */
class Player {
  #context;
  #rate = 22_050;
  #due = 0;
  #sources = new Set();
  #onplaying;

  constructor(context, onplaying) {
    this.#context = context;
    this.#onplaying = onplaying;
  }

  begin(rate) {
    this.#rate = rate;
  }

  push(bytes) {
    const pcm = new Int16Array(bytes, 0, bytes.byteLength >> 1);
    if (!pcm.length) return;
    const buffer = this.#context.createBuffer(1, pcm.length, this.#rate);
    buffer.copyToChannel(Float32Array.from(pcm, (each) => each / 32_768), 0);
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    if (!this.#sources.size) this.#onplaying(true);
    this.#sources.add(source);
    this.#due = Math.max(this.#due, this.#context.currentTime + 0.05);
    source.start(this.#due);
    this.#due += buffer.duration;
    source.onended = () => {
      this.#sources.delete(source);
      if (!this.#sources.size) this.#onplaying(false);
    };
  }

  async finished() {
    while (this.#sources.size && this.#context.state !== "closed") await new Promise((done) => setTimeout(done, 50));
  }

  stop() {
    for (const source of [...this.#sources]) {
      source.onended = null;
      source.stop();
    }
    if (this.#sources.size) this.#onplaying(false);
    this.#sources.clear();
    this.#due = 0;
  }
}

function peak(pcm) {
  let highest = 0;
  for (const each of pcm) highest = Math.max(highest, Math.abs(each));
  return highest / 32_768;
}
