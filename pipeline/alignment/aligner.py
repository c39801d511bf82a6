"""From sound and lines to an alignment: the order of the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.alignment import activity
from pipeline.alignment.activity import Span, Speech
from pipeline.alignment.edges import Rough, Sound, snap
from pipeline.alignment.laying import words_inside
from pipeline.alignment.listening import Listener
from pipeline.alignment.noise import voice_level_db
from pipeline.alignment.reporting import Judge, refuse_other_text
from pipeline.alignment.result import Alignment
from pipeline.alignment.script import Script
from pipeline.alignment.tracking import Tracked, Tracker
from pipeline.alignment.windows import cut_windows
from pipeline.errors import InputError
from pipeline.track import Line

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from pipeline.progress import Reporter

# Pauses of a tenth of a second and more are where windows may end; the padding keeps weak first and last sounds.
_MIN_SILENCE_MS, _MIN_SPEECH_MS, _PAD_MS = 128, 100, 200


@dataclass(frozen=True, slots=True)
class AlignSettings:
    """What a user may change.

    Attributes:
        voice_threshold: 0 to 1, the voice activity's probability from which sound counts as speech.
        min_heard: 0 to 1, a transcript of which less was heard is not this sound's.
        extra_syllables: words that nobody wrote are reported from so many syllables.
        edge_shift_ms: an edge is moved to a fall or rise of energy by at most this.
        check_below: 0 to 1, a line with less confidence gets the status check.
    """

    voice_threshold: float
    min_heard: float
    extra_syllables: float
    edge_shift_ms: int
    check_below: float


class Aligner:
    """Times known lines with a Whisper model; the model is loaded when it is first needed.

    Arguments:
        model_folder: a Whisper model in CTranslate2's format.
        device: cpu or cuda.
        compute_type: one of CTranslate2's, or auto.
        threads: how many threads at most.
        settings: what a user may change.
    """

    def __init__(
        self, model_folder: Path, *, device: str, compute_type: str, threads: int, settings: AlignSettings
    ) -> None:
        self._folder, self._device, self._compute_type = model_folder, device, compute_type
        self._threads, self._settings = threads, settings

    def align(
        self, pcm: npt.NDArray[np.float32], lines: Sequence[Line], language: str, reporter: Reporter
    ) -> Alignment:
        """Times, a status and a confidence for every line.

        Arguments:
            pcm: float32 (samples,), 16 kHz, mono; sample 0 is the player's time 0.
            lines: the transcript, in order.
            language: what is spoken, BCP-47.
            reporter: told how far it is.

        Raises:
            InputError: nobody speaks, or the transcript is not of this sound.
            MissingError: the model can't be loaded.
            UsageError: the model does not know the language.
        """
        voice = activity.voice_probabilities(pcm, threads=self._threads)
        speech = self._speech(voice)
        script = Script([line.text for line in lines], language)
        found = self._track(pcm, script, speech, language, reporter)
        refuse_other_text(script, found, self._settings.min_heard)
        laid = found.laid()
        inside = words_inside(laid)
        outside = [line for line in laid if line.line not in inside]
        energy = activity.energy_db(pcm)
        spans = snap(
            [Rough(line.onset, line.offset) for line in outside],
            Sound(voice_level_db(pcm, energy, voice), activity.voice_by_energy_steps(voice, len(energy))),
            max_shift_ms=self._settings.edge_shift_ms,
        )
        placed = dict(zip((line.line for line in outside), spans, strict=True))
        placed |= {line.line: Span(line.onset[0], line.offset[1]) for line in laid if line.line in inside}
        spans = [placed[line.line] for line in laid]
        judge = Judge(lines, script, found, speech, check_below=self._settings.check_below)
        duration_ms = len(pcm) * 1000 // activity.SAMPLE_RATE
        return judge.alignment(laid, spans, language=language, duration_ms=duration_ms, model=self._folder.name)

    def _speech(self, voice: npt.NDArray[np.float32]) -> Speech:
        speech = activity.speech_spans(
            voice,
            threshold=self._settings.voice_threshold,
            min_silence_ms=_MIN_SILENCE_MS,
            min_speech_ms=_MIN_SPEECH_MS,
            pad_ms=_PAD_MS,
        )
        if not speech:
            raise InputError("Nobody speaks in this audio.", remedy="Check that it is the episode's own sound track.")
        return Speech(speech)

    def _track(
        self,
        pcm: npt.NDArray[np.float32],
        script: Script,
        speech: Speech,
        language: str,
        reporter: Reporter,
    ) -> Tracked:
        from threadpoolctl import threadpool_limits

        from pipeline.alignment.whisper import Whisper

        windows = cut_windows(speech.spans)
        seconds = [0.0]
        for window in windows:
            seconds.append(seconds[-1] + window.duration_ms / 1000)
        # The features of a window are one small matrix product: NumPy's threads would only take time from the encoder's
        # (17 % of the whole, measured).
        with (
            threadpool_limits(1, user_api="blas"),
            Listener(Whisper(self._model, language), pcm, windows, speech, language) as listener,
            reporter.task("Aligning", seconds[-1], "seconds") as task,
        ):
            tracker = Tracker(script, listener, speech, extra_weight=self._settings.extra_syllables)
            found = tracker.run(lambda done: task.update(seconds[done]))
        reporter.detail(f"{found.forced} of {len(windows)} windows followed the transcript without listening.")
        return found

    @cached_property
    def _model(self) -> Any:
        from pipeline.alignment.whisper import load_model

        return load_model(self._folder, device=self._device, compute_type=self._compute_type, threads=self._threads)
