// One sound plays at a time; a second press stops it.
const sound = new Audio();
let playing = null;
const stop = () => {
  sound.pause();
  playing?.setAttribute("aria-pressed", "false");
  playing = null;
};
sound.addEventListener("ended", stop);
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.play");
  if (!button) return;
  const again = button === playing;
  stop();
  if (again) return;
  playing = button;
  button.setAttribute("aria-pressed", "true");
  sound.src = button.dataset.clip;
  sound.play().catch(stop);
});
