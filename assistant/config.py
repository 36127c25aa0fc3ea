"""config.yaml: read, checked, and each part's own section."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from tzlocal import get_localzone

from assistant.errors import ConfigError
from assistant.hours import Hours, Weekday

LanguageCode = Literal["en", "it", "zh"]
Percent = Annotated[int, Field(ge=0, le=100)]


def _of_the_day(value: Any) -> Any:
    """YAML reads 22:00 without quotes as 1320, a number to the base of 60."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(*divmod(value, 60))
    return value


TimeOfDay = Annotated[time, BeforeValidator(_of_the_day)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class AudioSettings(Section):
    microphone: str | int | None = None
    """A name or number of the sound system; null: its default; "stdin": raw 16 kHz mono int16 from standard input;
    "off": none."""
    speaker: str | int | None = None
    """Likewise; "off": replies are printed only."""
    room: str | None = None
    """Where this microphone stands: "turn off the light" then means that room's."""
    follow_up_seconds: Annotated[float, Field(ge=0, le=60)] = 6.0
    """After a question of the assistant's: listening for the answer without the wake word; 0: never."""
    follow_up_always: bool = False
    """After every reply, not only after questions."""
    echo_cancellation: Literal["none", "system", "webrtc"] = "none"
    """system: the microphone is one that the sound server (PipeWire, PulseAudio) has freed of what the speaker plays.
    webrtc: the assistant does that itself, by a library that is an extra. What follows needs one of them, for otherwise
    the assistant would take its own voice for somebody's."""
    duck_to_percent: Percent = 30
    """How much is left of the volume while somebody speaks into the assistant's speech; 100: it does not give way."""
    stop_word: bool = True
    """A lone "stop" or "basta" silences it without the wake word."""


class WakeWordSettings(Section):
    model: str = "okay_nabu"
    """okay_nabu, hey_jarvis, hey_mycroft, alexa, or the path of a microWakeWord .json."""
    sensitivity: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Probability above which it fires; null: the model's own."""


class EndpointSettings(Section):
    silence_seconds: Annotated[float, Field(ge=0.2, le=3)] = 0.7
    """Silence after speech that ends the command."""
    complete_silence_seconds: Annotated[float, Field(ge=0.2, le=3)] = 0.35
    """Silence that suffices when what was heard so far is already a whole command of the reflex."""
    decode_after_seconds: Annotated[float, Field(ge=0.1, le=1)] = 0.2
    """Silence after which recognition starts on trial; kept if the silence holds."""
    minimum_speech_seconds: Annotated[float, Field(ge=0.05, le=1)] = 0.2
    """Shorter sounds are not speech."""
    give_up_seconds: Annotated[float, Field(ge=1, le=30)] = 5.0
    """Silence after the wake word that ends the turn."""
    maximum_seconds: Annotated[float, Field(ge=3, le=60)] = 15.0
    """Longest command; a longer one is not acted on, and that is said."""
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Probability of speech."""


class SpeechToTextSettings(Section):
    model: str = "base"
    """A faster-whisper size that `models pull stt` fetches, or a folder with a CTranslate2 model."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: Annotated[int, Field(ge=1, le=32)] = 2
    hotwords: bool = True
    """Tell Whisper the house's own names."""


class VoiceSettings(Section):
    voices: Mapping[LanguageCode, str] = {"en": "en_US-joe-medium"}
    """A piper voice for each language: a name that `models pull voice` fetches, or a path to its .onnx."""
    volume: Annotated[float, Field(ge=0, le=2)] = 1.0
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0


class Endpoint(Section):
    """One brain of several."""

    url: str | None = None
    """null: the small one on this CPU."""
    profile: str = "mimo-7b-rl-0530"
    model: str | None = None
    api_key: SecretStr | None = None
    api_key_file: Path | None = None


class BrainSettings(Section):
    enabled: bool = True
    url: str | None = None
    """An OpenAI-compatible server (vLLM, llama.cpp) such as http://gpu-box:8000/v1; null: the small one on this CPU."""
    profile: str = "qwen2.5-coder-1.5b"
    """A file in assistant/llm/profiles, or a path."""
    model: str | None = None
    """The name the server gives the model; null: the profile's."""
    api_key: SecretStr | None = None
    """Or set MIMO_BRAIN_API_KEY, or api_key_file."""
    api_key_file: Path | None = None
    think_tokens: Annotated[int, Field(ge=0, le=8192)] | None = None
    """Budget of thought, the same for every request; null: 0, 96, 256 or 1024 by what is asked."""
    deadline_seconds: Annotated[float, Field(ge=0.2, le=600)] | None = 5.0
    """Within which a plan is to be there: at this model's measured pace, longer thoughts are cut. null: no deadline."""
    plan_tokens: Annotated[int, Field(ge=64, le=4096)] = 320
    timeout_seconds: Annotated[float, Field(ge=1, le=600)] = 60.0
    threads: Annotated[int, Field(ge=1, le=64)] = 2
    """Of the small brain on this CPU."""
    murmur_after_seconds: Annotated[float, Field(ge=0.2, le=60)] | None = 1.2
    """While it thinks longer, it says one short thing of what it looks at; null: it thinks in silence."""
    endpoints: tuple[Endpoint, ...] = ()
    """Several brains instead of the one above, best first: when one fails, the next thinks on."""

    def each(self) -> tuple[BrainSettings, ...]:
        """The settings of every brain, best first."""
        own = ("url", "profile", "model")
        return tuple(
            self.model_copy(update={name: getattr(end, name) for name in own}
                            | {"api_key": end.api_key or self.api_key, "endpoints": ()})
            for end in self.endpoints
        ) or (self,)  # fmt: skip


class MqttSettings(Section):
    host: str | None = None
    """The broker of the house; null: the embedded broker with the virtual house."""
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str | None = None
    password: SecretStr | None = None
    """Or set MIMO_MQTT_PASSWORD, or password_file."""
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None
    version: Literal["3.1.1", "5"] = "3.1.1"
    client_id: str = "mimo-assistant"
    discovery_prefix: str = "homeassistant"
    status_topic: str = "mimo-assistant/status"
    """online / offline, by last will."""


Identifier = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class HomeAssistantSettings(Section):
    announce: bool = True
    """Show the assistant in Home Assistant as one device: what it does, a mute switch, a text to ask, and so on."""
    name: Annotated[str, Field(min_length=1, max_length=100)] = "Assistant"
    """What that device is called."""
    id: Identifier = "mimo-assistant"
    """Its identifier; two assistants in one house need two."""
    topic: Annotated[str, Field(pattern=r"^[^+#\s/$][^+#\s]{0,199}$")] = "mimo-assistant"
    """What its topics begin with; two assistants in one house need two."""
    words: bool = True
    """Tell Home Assistant what was asked and answered; false: only that something was."""
    bridge: bool = True
    """Use what Home Assistant reaches without MQTT, once integrations/home_assistant is installed there."""


class ConfirmSettings(Section):
    timeout_seconds: Annotated[float, Field(ge=0.1, le=120)] = 3.0
    """How long to wait for a device to report its new state."""
    slow_timeout_seconds: Annotated[float, Field(ge=0.1, le=300)] = 20.0
    """The same for what moves: covers, locks, vacuums, mowers, valves."""
    kinds: Mapping[str, Annotated[float, Field(ge=0.1, le=300)]] = {
        "cover:awning": 60.0,
        "cover:garage": 40.0,
        "cover:gate": 40.0,
        "humidifier": 5.0,
        "lawn_mower": 30.0,
        "valve": 30.0,
        "water_heater": 10.0,
    }
    """The same for a domain or a domain:device_class that needs a time of its own."""


Names = list[str]


class FloorSettings(Section):
    aliases: Mapping[LanguageCode, Names] = {}


class RoomSettings(Section):
    floor: str | None = None
    aliases: Mapping[LanguageCode, Names] = {}


class DeviceSettings(Section):
    name: str | None = None
    room: str | None = None
    aliases: Mapping[LanguageCode, Names] = {}
    critical: bool = False
    hidden: bool | None = None


EntityId = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]


class GroupSettings(Section):
    members: Annotated[list[EntityId], Field(min_length=1)]
    aliases: Mapping[LanguageCode, Names] = {}

    @model_validator(mode="before")
    @classmethod
    def a_list_is_its_members(cls, value: Any) -> Any:
        return {"members": value} if isinstance(value, list) else value


class HouseSettings(Section):
    """What the devices do not say of themselves; it always wins over what they do."""

    floors: Mapping[str, FloorSettings] = {}
    rooms: Mapping[str, RoomSettings] = {}
    devices: Mapping[str, DeviceSettings] = {}
    """By entity id ("light.kitchen_light") or by the name that the device gives itself."""
    groups: Mapping[str, GroupSettings] = {}
    """A name for several devices: a command reaches each of them, and each of them has to confirm it."""
    stale_hours: Annotated[float, Field(gt=0, le=24 * 365)] = 24.0
    """Silence after which what a device last said is no longer taken for what is, unless it says itself how often it
    reports."""

    @model_validator(mode="after")
    def rooms_stand_on_known_floors(self) -> HouseSettings:
        for name, room in self.rooms.items():
            if room.floor is not None and room.floor not in self.floors:
                raise ValueError(f"room {name!r} stands on floor {room.floor!r}, which house.floors does not name")
        return self


class HoursSettings(Section):
    """Every day and all day where nothing is given."""

    model_config = ConfigDict(populate_by_name=True)

    begin: TimeOfDay | None = Field(default=None, alias="from")
    end: TimeOfDay | None = Field(default=None, alias="to")
    """Earlier than `from`: on the next day."""
    weekdays: tuple[Weekday, ...] = ()
    """mon, tue, wed, thu, fri, sat, sun: the day on which the hours begin. Empty: every day."""

    @model_validator(mode="after")
    def both_ends_or_none(self) -> HoursSettings:
        if (self.begin is None) != (self.end is None):
            raise ValueError("from and to go together")
        if self.begin is not None and self.begin == self.end:
            raise ValueError("from and to are the same time; leave both out for the whole day")
        return self

    def hours(self) -> Hours:
        return Hours(self.begin, self.end, self.weekdays)


class QuietHoursSettings(HoursSettings):
    begin: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="to")
    rooms: tuple[str, ...] = ()
    """Where the speaker stands; empty: everywhere."""
    volume: Percent = 40
    """Of replies, in percent of what they have otherwise."""
    beep: bool = True
    """Say by a rising tone that something was done, by a falling one that it was not; the rest keeps its words."""


class RuleSettings(Section):
    """A rule that makes the policy stricter; none makes it milder."""

    rooms: tuple[str, ...] = ()
    """Where the speaker stands; empty: anywhere. Who does not say from where they speak counts as in each of them."""
    when: HoursSettings = HoursSettings()
    what: tuple[str, ...] = ()
    """domain.service, or domain.service:device_class; empty: whatever is told to the entities."""
    entities: tuple[str, ...] = ()
    """Entity ids; empty: all."""
    effect: Literal["deny", "confirm", "pin"]
    """Never done; only after a spoken yes; only after the PIN."""

    @model_validator(mode="after")
    def it_is_about_something(self) -> RuleSettings:
        if not (self.what or self.entities):
            raise ValueError("a rule needs what (services), entities, or both")
        return self


class PolicySettings(Section):
    confirm: list[str] = [
        "lock.unlock",
        "lock.open",
        "cover.open_cover:garage",
        "cover.open_cover:gate",
        "cover.open_cover:door",
        "valve.open_valve",
        "alarm_control_panel.alarm_disarm",
        "siren.turn_on",
    ]
    """domain.service, or domain.service:device_class, that need a spoken yes."""
    deny: list[str] = []
    """The same form; never done."""
    confirm_seconds: Annotated[float, Field(ge=5, le=300)] = 30.0
    """How long the assistant waits for the yes, or the PIN."""
    rules: tuple[RuleSettings, ...] = ()
    """Stricter in some rooms or at some hours."""
    pin_hash: SecretStr | None = None
    """What `mimo-assistant pin set` made of the PIN; or pin_file. null: no PIN is asked for."""
    pin_file: Path | None = None
    """A file that holds only the hash."""
    pin_for: tuple[str, ...] = ("lock.unlock", "lock.open", "alarm_control_panel.alarm_disarm")
    """With a PIN set: domain.service, or domain.service:device_class, that need it instead of a yes."""


class DialogueSettings(Section):
    follow_up_seconds: Annotated[float, Field(ge=10, le=3600)] = 180.0
    """How long "it", "a bit more" or "and the bedroom" go on from what was said before."""
    undo_seconds: Annotated[float, Field(ge=10, le=86_400)] = 900.0
    """How long a change can be put back by "undo that"."""
    answer_seconds: Annotated[float, Field(ge=5, le=300)] = 30.0
    """How long a question such as "which lamp?" waits for its answer; policy.confirm_seconds holds for a yes."""


class ConsoleSettings(Section):
    enabled: bool = True
    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    """Where the console is reached; anything but this machine needs a password: `mimo-assistant console password`."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8765
    password_hash: SecretStr | None = None
    """As `mimo-assistant console password` makes it. Or set MIMO_CONSOLE_PASSWORD_HASH, or password_file."""
    password_file: Path | None = None
    """A file that holds only the hash; null: console-password in the state folder, once the command has made it."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    public_origin: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")] | None = None
    """Behind a proxy: what a browser has in its address line, such as https://mimo.example.org."""
    metrics_token: SecretStr | None = None
    """With `Authorization: Bearer …`, Prometheus reads /metrics from another machine. Or metrics_token_file."""
    metrics_token_file: Path | None = None
    keep_audio_days: Annotated[int, Field(ge=0, le=365)] = 0
    """How long what was said is kept as sound, for the console to play; 0: not at all."""

    @model_validator(mode="after")
    def a_certificate_has_its_key(self) -> ConsoleSettings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together")
        return self


class ScheduleSettings(Section):
    late_minutes: Annotated[float, Field(ge=0, le=1440)] = 5.0
    """A command that fell due longer ago, while the assistant was not running, is only told of."""
    ring_seconds: Annotated[float, Field(ge=1, le=3600)] = 60.0
    """The longest that a timer rings when nobody stops it."""
    alarm_seconds: Annotated[float, Field(ge=1, le=3600)] = 600.0
    """Likewise an alarm."""


class Config(Section):
    language: LanguageCode | Literal["auto"] = "auto"
    routing: Literal["reflex_first", "brain_only"] = "reflex_first"
    explain: Literal["off", "brief", "steps"] = "brief"
    audio: AudioSettings = AudioSettings()
    wake_word: WakeWordSettings = WakeWordSettings()
    endpoint: EndpointSettings = EndpointSettings()
    stt: SpeechToTextSettings = SpeechToTextSettings()
    voice: VoiceSettings = VoiceSettings()
    brain: BrainSettings = BrainSettings()
    mqtt: MqttSettings = MqttSettings()
    home_assistant: HomeAssistantSettings = HomeAssistantSettings()
    confirm: ConfirmSettings = ConfirmSettings()
    house: HouseSettings = HouseSettings()
    policy: PolicySettings = PolicySettings()
    dialogue: DialogueSettings = DialogueSettings()
    quiet_hours: QuietHoursSettings | None = None
    """Replies are quieter then, and what was simply done is told by a tone."""
    console: ConsoleSettings = ConsoleSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    timezone: str | None = None
    """The house's, such as Europe/Rome; null: the system's."""
    skills_folder: Path | None = None
    """Your own skills, loaded after those that come with the assistant."""
    state_folder: Path | None = None
    """Journal and socket; null: $STATE_DIRECTORY, else ~/.local/state/mimo-assistant."""
    models_folder: Path | None = None
    """Model files; null: $MIMO_MODELS, else <state>/models when installed, else ~/.cache/mimo-assistant/models."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("timezone")
    @classmethod
    def known_zone(cls, name: str | None) -> str | None:
        if name is not None and name not in available_timezones():
            raise ValueError("is no time zone such as Europe/Rome or America/New_York")
        return name

    @field_validator("*", mode="before")
    @classmethod
    def empty_section_is_default(cls, value: Any, info: Any) -> Any:
        """`audio:` with everything below it commented out reads as null."""
        section = cls.model_fields[info.field_name].annotation
        if value is None and isinstance(section, type) and issubclass(section, Section):
            return section()
        return value


@dataclass(frozen=True, slots=True)
class Options:
    """What a command line adds to the configuration."""

    virtual_house: bool = False
    brain: bool = True
    ears: bool = False
    """Load wake word, Whisper and voice."""
    daemon: bool = False
    """Stay up: fetch what is missing in the background, serve the socket."""
    config_file: Path | None = None
    """Where the configuration came from: what the console changes is kept beside it."""


def state_folder(config: Config, environment: Mapping[str, str] = os.environ) -> Path:
    """Where journal and socket are: the setting, systemd's, else the user's own."""
    if config.state_folder:
        return config.state_folder.expanduser()
    if state := environment.get("STATE_DIRECTORY"):
        return Path(state.partition(":")[0])
    base = environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "mimo-assistant"


def house_zone(config: Config) -> ZoneInfo:
    """Where the house is, as clocks have it."""
    return ZoneInfo(config.timezone) if config.timezone else get_localzone()


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and check a file. Raises ConfigError naming the path, the value and what is allowed."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not text in UTF-8") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {_where(error)}is not YAML: {getattr(error, 'problem', None) or error}") from error
    if data is not None and not isinstance(data, dict):
        raise ConfigError(f"{path}: should hold settings such as 'language: it', not {type(data).__name__}")
    try:
        config = Config.model_validate(data or {})
    except ValidationError as error:
        raise ConfigError("\n".join(_sentence(path, problem) for problem in error.errors())) from error
    return _with_secrets(config, path, environment)


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""


def _sentence(path: Path, problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"]) or "the file"
    if problem["type"] == "extra_forbidden":
        return f"{path}: {where}: is not a setting{_did_you_mean(problem['loc'])}"
    value = problem["input"]
    plain = value is None or isinstance(value, int | float) or (isinstance(value, str) and len(value) <= 60)
    hidden = problem["type"] == "model_type" or _is_secret(where) or "password" in str(value).lower()
    shown = f" (it is {value!r})" if plain and not hidden else ""
    return f"{path}: {where}: {problem['msg']}{shown}"


def _is_secret(where: str) -> bool:
    return where.endswith(("password", "api_key", "pin_hash", "password_hash", "metrics_token"))


def _did_you_mean(location: tuple[Any, ...]) -> str:
    section: Any = Config
    for part in location[:-1]:
        field = getattr(section, "model_fields", {}).get(part)
        section = field.annotation if field else None
    known = [field.alias or name for name, field in getattr(section, "model_fields", {}).items()]
    return f"; allowed here: {', '.join(known)}" if known else ""


def _with_secrets(config: Config, path: Path, environment: Mapping[str, str]) -> Config:
    password = _secret(config.mqtt.password, config.mqtt.password_file, environment.get("MIMO_MQTT_PASSWORD"), path)
    key = _secret(config.brain.api_key, config.brain.api_key_file, environment.get("MIMO_BRAIN_API_KEY"), path)
    endpoints = tuple(end.model_copy(update={"api_key": _secret(end.api_key, end.api_key_file, None, path)})
                      for end in config.brain.endpoints)  # fmt: skip
    pin = _secret(config.policy.pin_hash, config.policy.pin_file, None, path)
    return config.model_copy(
        update={
            "mqtt": config.mqtt.model_copy(update={"password": password}),
            "brain": config.brain.model_copy(update={"api_key": key, "endpoints": endpoints}),
            "policy": config.policy.model_copy(update={"pin_hash": pin}),
            "console": _console_with_secrets(config.console, path, environment),
        }
    )


def _console_with_secrets(console: ConsoleSettings, path: Path, environment: Mapping[str, str]) -> ConsoleSettings:
    hashed = environment.get("MIMO_CONSOLE_PASSWORD_HASH")
    files = {"tls_cert": console.tls_cert, "tls_key": console.tls_key}
    return console.model_copy(
        update={
            "password_hash": _secret(console.password_hash, console.password_file, hashed, path),
            "metrics_token": _secret(console.metrics_token, console.metrics_token_file, None, path),
        }
        | {name: path.parent / file for name, file in files.items() if file is not None}
    )


def _secret(written: SecretStr | None, file: Path | None, variable: str | None, config: Path) -> SecretStr | None:
    """The environment wins over the file, the file over what is written in config.yaml."""
    if variable:
        return SecretStr(variable)
    if file is None:
        return written
    try:
        return SecretStr((config.parent / file).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{config}: the secret file {file} cannot be read: {error}") from error
