// Listens to everything that is received, until asked again: the longest time without a packet of sound, and
// the longest stretch of sound that the browser made up. Both in milliseconds.
const e2e = window.e2e;
const before = e2e.heard ?? null;
clearInterval(e2e.listening);
const heard = (e2e.heard = { gap: 0, made_up: 0, made_up_in_all: 0, looks: 0 });
const lines = e2e.peers.filter((peer) => peer.connectionState === "connected").flatMap((peer) => peer.getReceivers());
const streams = lines.filter((line) => line.track.kind === "audio").map((line) => ({ line, run: 0 }));
const look = async (stream) => {
  const report = [...(await stream.line.getStats()).values()].find((report) => report.type === "inbound-rtp");
  if (!report?.packetsReceived) return;
  const { lastPacketReceivedTimestamp: last, concealedSamples: made } = report;
  if (stream.last !== undefined) {
    // Of several packets since the last look only the last one's time is known: at most this long.
    heard.gap = Math.max(heard.gap, last - stream.last);
    const more = (made - stream.made) / 48;
    stream.run = more > 0 ? stream.run + more : 0;
    heard.made_up = Math.max(heard.made_up, stream.run);
    heard.made_up_in_all += more;
  }
  heard.looks += 1;
  Object.assign(stream, { last, made });
};
// Browsers keep what they counted for 50 ms.
e2e.listening = setInterval(() => streams.forEach((stream) => look(stream)), 50);
return before;
