// Counts the frames of somebody's picture that the page presents, the longest time between two that came on one track,
// and each time between two that came on different ones: a switch.
const [name] = arguments;
const video = document.querySelector(`[data-testid="tile"][data-name="${name}"] video`);
const track = () => video.srcObject?.getVideoTracks()[0];
const all = { count: 0, steady: 0, switches: [], last: performance.now(), track: track() };
(window.e2e.frames ??= {})[name] = all;
const count = (now) => {
  if (window.e2e.frames[name] !== all) return;
  const gap = now - all.last;
  if (track() === all.track) all.steady = Math.max(all.steady, gap);
  else all.switches.push(gap);
  all.track = track();
  all.last = now;
  all.count += 1;
  video.requestVideoFrameCallback(count);
};
video.requestVideoFrameCallback(count);
return true;
