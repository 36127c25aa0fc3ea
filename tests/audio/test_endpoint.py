"""When a command has ended, told in audio time from made-up probabilities."""

from assistant.audio.endpoint import CHUNK_SECONDS, TAIL_SECONDS, Endpointer
from assistant.config import EndpointSettings

SETTINGS = EndpointSettings()


def feed(endpoint: Endpointer, probability: float, seconds: float) -> list[str]:
    """The signs of so much sound, up to the end of the command."""
    signs: list[str] = []
    for _ in range(round(seconds / CHUNK_SECONDS)):
        signs.append(endpoint.feed(probability))
        if signs[-1] in ("silence", "too_long", "nothing_said"):
            break
    return [sign for sign in signs if sign != "nothing"]


def test_silence_ends_a_command() -> None:
    endpoint = Endpointer(SETTINGS)
    assert feed(endpoint, 0.0, 0.5) == []
    assert feed(endpoint, 0.9, 1.5) == []
    assert feed(endpoint, 0.1, 2.0) == ["pause", "silence"]
    assert SETTINGS.silence_seconds <= endpoint.silence_seconds < SETTINGS.silence_seconds + 2 * CHUNK_SECONDS


def test_the_last_sound_lies_before_the_detectors_tail() -> None:
    endpoint = Endpointer(SETTINGS)
    feed(endpoint, 0.9, 1.6)
    assert abs(endpoint.last_sound - (1.6 - TAIL_SECONDS)) < 1e-6


def test_a_whole_command_needs_less_silence() -> None:
    endpoint = Endpointer(SETTINGS)
    feed(endpoint, 0.9, 1.5)
    assert feed(endpoint, 0.1, 0.2) == ["pause"]
    endpoint.complete = True
    assert feed(endpoint, 0.1, 1.0) == ["silence"]
    assert endpoint.silence_seconds < SETTINGS.complete_silence_seconds + 2 * CHUNK_SECONDS


def test_speech_that_goes_on_drops_the_trial() -> None:
    endpoint = Endpointer(SETTINGS)
    feed(endpoint, 0.9, 1.0)
    assert feed(endpoint, 0.1, 0.3) == ["pause"]
    endpoint.complete = True
    assert feed(endpoint, 0.9, 0.5) == ["resumed"]
    assert not endpoint.complete
    assert feed(endpoint, 0.1, 1.0) == ["pause", "silence"]


def test_a_click_in_the_pause_neither_drops_the_trial_nor_delays_the_end() -> None:
    endpoint = Endpointer(SETTINGS)
    feed(endpoint, 0.9, 1.0)
    assert feed(endpoint, 0.1, 0.3) == ["pause"]
    assert feed(endpoint, 0.9, CHUNK_SECONDS) == []
    assert feed(endpoint, 0.1, 1.0) == ["silence"]
    assert endpoint.silence_seconds < SETTINGS.silence_seconds + 2 * CHUNK_SECONDS


def test_a_short_stop_inside_a_word_is_no_pause() -> None:
    endpoint = Endpointer(SETTINGS)
    feed(endpoint, 0.9, 0.5)
    assert feed(endpoint, 0.1, 0.1) == []
    assert feed(endpoint, 0.9, 0.5) == []


def test_nothing_said() -> None:
    endpoint = Endpointer(SETTINGS)
    assert feed(endpoint, 0.1, 10) == ["nothing_said"]
    assert abs(endpoint.seconds - SETTINGS.give_up_seconds) < 2 * CHUNK_SECONDS


def test_clicks_are_no_speech() -> None:
    endpoint = Endpointer(SETTINGS)
    signs: list[str] = []
    while not signs:
        signs += feed(endpoint, 0.9, CHUNK_SECONDS) + feed(endpoint, 0.1, 0.5)
    assert signs == ["nothing_said"]


def test_forgotten_speech_leaves_the_rest_of_the_patience() -> None:
    endpoint = Endpointer(SETTINGS)
    feed(endpoint, 0.9, 0.5)
    feed(endpoint, 0.1, 0.3)
    endpoint.forget()
    assert feed(endpoint, 0.1, 10) == ["nothing_said"]
    assert abs(endpoint.seconds - SETTINGS.give_up_seconds) < 2 * CHUNK_SECONDS


def test_ten_minutes_of_speech_are_capped() -> None:
    endpoint = Endpointer(SETTINGS)
    assert feed(endpoint, 0.9, 600) == ["too_long"]
    assert abs(endpoint.seconds - SETTINGS.maximum_seconds) < 2 * CHUNK_SECONDS


def test_a_soft_word_end_belongs_to_the_speech() -> None:
    """Below the threshold, but not far below."""
    endpoint = Endpointer(SETTINGS)
    feed(endpoint, 0.9, 1.0)
    assert feed(endpoint, 0.4, 1.0) == []
