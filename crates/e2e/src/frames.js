// Counts the frames of somebody's picture that the page presents, the longest time between two that came on one track,
// and each time between two that came on different ones: a switch.
const [name] = arguments;
const all = { count: 0, steady: 0, switches: [] };
(window.e2e.frames ??= {})[name] = all;
const watch = (video) => {
  const track = () => video.srcObject?.getVideoTracks()[0];
  Object.assign(all, { last: performance.now(), track: track() });
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
};
const look = () => {
  if (window.e2e.frames[name] !== all) return;
  const video = document.querySelector(`[data-testid="tile"][data-name="${name}"] video.playing`);
  if (video) watch(video);
  else setTimeout(look, 2);
};
look();
return true;
