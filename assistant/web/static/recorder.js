// In the audio thread: whatever rate the browser records at becomes 16 kHz mono int16, in frames of 32 ms.

const RATE = 16_000;
const FRAME = 512;
const PHASES = 32;
const ZERO_CROSSINGS = 8;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ratio = sampleRate / RATE;
    const stretch = Math.max(1, this.ratio);
    this.half = Math.ceil(ZERO_CROSSINGS * stretch);
    this.kernels = kernels(this.half, stretch);
    this.kept = new Float32Array(2 * this.half + 128 * 2 + 2);
    this.filled = this.half;
    this.position = this.half;
    this.frame = new Int16Array(FRAME);
    this.count = 0;
    this.open = true;
    this.port.onmessage = ({ data }) => {
      if (data === "flush") this.flush();
      if (data === "close") this.open = false;
    };
  }

  process([input]) {
    if (!input.length) return this.open;
    const length = input[0].length;
    for (let index = 0; index < length; index++) {
      let sum = 0;
      for (const channel of input) sum += channel[index];
      this.kept[this.filled++] = sum / input.length;
    }
    while (this.position + this.half + 1 < this.filled) {
      this.put(this.sample());
      this.position += this.ratio;
    }
    const gone = Math.max(0, Math.floor(this.position) - this.half);
    this.kept.copyWithin(0, gone, this.filled);
    this.filled -= gone;
    this.position -= gone;
    return this.open;
  }

  /** A low-pass filter and an interpolation in one: a windowed sinc around where the sample falls. */
  sample() {
    const middle = Math.floor(this.position);
    const kernel = this.kernels[Math.round((this.position - middle) * PHASES)];
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap++) sum += kernel[tap] * this.kept[middle - this.half + 1 + tap];
    return sum;
  }

  put(value) {
    this.frame[this.count++] = Math.max(-1, Math.min(1, value)) * 32_767;
    if (this.count === FRAME) this.flush();
  }

  flush() {
    if (!this.count) return;
    const pcm = this.frame.slice(0, this.count);
    this.count = 0;
    this.port.postMessage(pcm, [pcm.buffer]);
  }
}

function kernels(half, stretch) {
  return Array.from({ length: PHASES + 1 }, (_, phase) => {
    const taps = Float32Array.from({ length: 2 * half }, (_, tap) => {
      const x = tap - half + 1 - phase / PHASES;
      const t = (x / stretch) * 0.92;
      const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
      const window = Math.abs(x) >= half ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * x) / half);
      return sinc * window;
    });
    const whole = taps.reduce((sum, each) => sum + each, 0);
    return taps.map((each) => each / whole);
  });
}

registerProcessor("recorder", Recorder);
