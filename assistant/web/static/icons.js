// A few line drawings; decoration only, their buttons carry the words.

import { svg } from "./dom.js";

const PATHS = {
  mic: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11v1a7 7 0 0 0 14 0v-1M12 19v3",
  mute: "M9 9v3a3 3 0 0 0 5 2.2M15 12V6a3 3 0 0 0-5.900-.8M5 11v1a7 7 0 0 0 11 5.700M19 11v1c0 .8-.1 1.500-.4 2.200M12 19v3M4 3l16 18",
  send: "M4 12h15M13 6l6 6-6 6",
  stop: "M7 7h10v10H7z",
  sliders: "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h7M15 17h5M13 15v4",
  ear: "M6.500 9.500a5.500 5.500 0 0 1 11 0c0 3.500-3.500 4.500-3.500 7.500a3 3 0 0 1-5.700 1.300M9.700 10a2.400 2.400 0 0 1 4.700-.5c0 1.600-1.900 2.100-1.900 4",
  now: "M3 12h2M7.500 8v8M12 4v16M16.500 8v8M21 12h0",
  turns: "M5 6h14M5 12h14M5 18h9",
  house: "M4 11l8-7 8 7M6 10v10h12V10M10 20v-6h4v6",
  time: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
  health: "M3 12h4l2.500-6 4 12 2.500-6H21",
  critical: "M12 3l8 3v6c0 4.500-3.300 7.600-8 9-4.700-1.400-8-4.500-8-9V6zM12 8v5M12 16h0",
  pause: "M9 6v12M15 6v12",
  play: "M8 5l11 7-11 7z",
  out: "M10 4H5v16h5M15 8l4 4-4 4M19 12H10",
  export: "M12 4v11M7 11l5 5 5-5M5 20h14",
  flag: "M6 21V4h12l-3 4 3 4H6",
};

export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));
}
