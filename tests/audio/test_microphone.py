"""What a machine without sound is told."""

import pytest

from assistant.audio.microphone import Microphone
from assistant.config import AudioSettings
from assistant.errors import AudioUnavailable


async def test_a_microphone_that_is_not_there() -> None:
    with pytest.raises(AudioUnavailable, match=r"there is no microphone|this machine has no microphone"):
        await Microphone(AudioSettings(microphone="no such microphone")).check()
