"""Media files: what is in them, their sound as samples on the player's clock, and the ffmpeg program."""

from pipeline.media.decode import SAMPLE_RATE, decode_audio, is_silent
from pipeline.media.ffmpeg import Features, features, find_ffmpeg, run_ffmpeg
from pipeline.media.info import AudioStream, MediaInfo, SubtitleStream, VideoStream, input_arguments, probe

__all__ = [
    "SAMPLE_RATE",
    "AudioStream",
    "Features",
    "MediaInfo",
    "SubtitleStream",
    "VideoStream",
    "decode_audio",
    "features",
    "find_ffmpeg",
    "input_arguments",
    "is_silent",
    "probe",
    "run_ffmpeg",
]
