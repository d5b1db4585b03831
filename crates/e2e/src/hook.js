// Runs in every page before its own scripts; `capture` replaces what the page asks of the camera, and
// `none` makes a machine without devices of any. Changes nothing else, and remembers in `window.e2e` what
// only the page would know.
(capture, none) => {
  if (window.e2e) return;
  const e2e = (window.e2e = { asked: 0, tracks: [], peers: [], errors: [] });
  window.addEventListener("error", (event) => e2e.errors.push(String(event.message)));
  const logged = console.error;
  console.error = (...what) => {
    e2e.errors.push(what.map(String).join(" "));
    logged.apply(console, what);
  };
  const devices = navigator.mediaDevices;
  if (devices) {
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      e2e.asked += 1;
      if (none) throw new DOMException("Requested device not found", "NotFoundError");
      const smaller = capture && constraints.video ? { ...constraints, video: capture } : constraints;
      const stream = await ask(smaller);
      e2e.tracks.push(...stream.getTracks());
      return stream;
    };
  }
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...configuration) {
      super(...configuration);
      e2e.peers.push(this);
    }
  };
}
