"""Blinds, shutters, awnings, curtains, gates and garage doors: open, closed, somewhere between, and tilted."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, Report, get_of, having, is_now, messages, near
from assistant.home.kinds.models import CoverConfig
from assistant.home.kinds.reading import NO_VALUE
from assistant.home.scales import percent_of, value_of
from assistant.home.templates import Payload, Unreadable, number, read, write
from assistant.models import Message, State, Value

_SAME = {"turn_on": "open_cover", "turn_off": "close_cover"}


class Cover(Kind[CoverConfig]):
    """One-button garage openers take a second "open" as "stop": opening and closing are never repeated."""

    __slots__ = ()
    moves = True

    @property
    def abilities(self) -> Abilities:
        config, told = self.config, self.config.command_topic
        return Abilities(having(
            open=(told and config.payload_open) or config.set_position_topic,
            close=(told and config.payload_close) or config.set_position_topic,
            stop=told and config.payload_stop,
            position=config.set_position_topic,
            tilt=config.tilt_command_topic,
        ))  # fmt: skip

    def readings(self) -> list[Reading]:
        """The position first: where both come in one message, "stopped" is judged by where it stopped."""
        config = self.config
        possible = [
            (config.get_position_topic, self._note_position),
            (config.state_topic, self._note_state),
            (config.tilt_status_topic, self._note_tilt),
        ]
        return [Reading(topic, note) for topic, note in possible if topic]

    def settle(self, report: Mapping[str, Value], age: float | None) -> str | None:
        return by_position(report)

    def question(self) -> Message | None:
        config = self.config
        also = ["position"] if config.get_position_topic else []
        return get_of(config.state_topic or config.get_position_topic, config.command_topic, also=also)

    def order(self, command: Command) -> Order:
        service = command.toggled("open_cover", "close_cover", "closed")
        match _SAME.get(service, service):
            case "open_cover" | "close_cover" | "stop_cover" as moving:
                return self._move(moving, command)
            case "set_cover_position":
                command.needs("position")
                return self._go_to(command.needed(command.percent("position"), "position"), command)
            case "open_cover_tilt" | "close_cover_tilt" | "stop_cover_tilt" | "set_cover_tilt_position":
                command.needs("tilt")
                return self._tilt(service, command)
            case _:
                raise command.lacks(command.service)

    # ── told ──

    def _move(self, service: str, command: Command) -> Order:
        config = self.config
        if not config.command_topic and service != "stop_cover" and config.set_position_topic:
            return self._go_to(100 if service == "open_cover" else 0, command)
        payloads = {
            "open_cover": config.payload_open,
            "close_cover": config.payload_close,
            "stop_cover": config.payload_stop,
        }
        topic, payload = command.needed(config.command_topic, service), command.needed(payloads[service], service)
        return moved(messages((topic, payload)), service)

    def _go_to(self, percent: int, command: Command) -> Order:
        value = value_of(percent, self.config.position_closed, self.config.position_open)
        payload = write(self.config.set_position_template, value, **self._variables(command, position=percent))
        return arrived(messages((str(self.config.set_position_topic), payload)), percent)

    def _tilt(self, service: str, command: Command) -> Order:
        config, topic = self.config, str(self.config.tilt_command_topic)
        if service == "stop_cover_tilt":
            return Order(messages((topic, command.needed(config.payload_stop_tilt, service))))
        if service == "set_cover_tilt_position":
            percent = command.needed(command.percent("tilt_position"), "tilt_position")
            value, told = value_of(percent, config.tilt_min, config.tilt_max), percent
        else:
            value = told = config.tilt_opened_value if service == "open_cover_tilt" else config.tilt_closed_value
            percent = percent_of(value, config.tilt_min, config.tilt_max)
        payload = write(config.tilt_command_template, value, **self._variables(command, tilt_position=told))
        reached = percent
        return Order(
            messages((topic, payload)),
            lambda state: near(state.attributes.get("tilt_position"), reached, 3),
            frozenset({"opening", "closing"}), may_take_long=True, repeatable=True,
        )  # fmt: skip

    def _variables(self, command: Command, **where: int) -> dict[str, object]:
        config = self.config
        return {
            **where,
            "entity_id": command.entity.id,
            "position_open": config.position_open,
            "position_closed": config.position_closed,
            "tilt_min": config.tilt_min,
            "tilt_max": config.tilt_max,
        }

    # ── heard ──

    def _note_state(self, payload: Payload, report: Report) -> None:
        config = self.config
        words = {
            config.state_open: "open",
            config.state_closed: "closed",
            config.state_opening: "opening",
            config.state_closing: "closing",
            NO_VALUE: None,
        }
        text = read(config.value_template, payload)
        if text == config.state_stopped:
            report["state"] = "closed" if report.get("state") in ("closed", "closing") else "open"
        elif text in words:
            report["state"] = words[text]
        else:
            raise Unreadable(f"{text[:80]!r} is none of {', '.join(words)}")

    def _note_position(self, payload: Payload, report: Report) -> None:
        config = self.config
        text = read(config.position_template, payload)
        inner = Payload(text)
        if inner.is_json and isinstance(inner.json, dict):
            self._set_tilt(inner.json.get("tilt_position"), report)
            text = str(inner.json.get("position", NO_VALUE))
        position = number(text)
        if position is not None:
            report["position"] = percent_of(position, config.position_closed, config.position_open)
            if config.state_topic is None:
                report["state"] = None

    def _note_tilt(self, payload: Payload, report: Report) -> None:
        self._set_tilt(read(self.config.tilt_status_template, payload), report)

    def _set_tilt(self, value: object, report: Report) -> None:
        tilt = None if value is None else number(str(value))
        if tilt is not None:
            report["tilt_position"] = percent_of(tilt, self.config.tilt_min, self.config.tilt_max)


# ── what valves share ────────────────────────────────────────────────────────────────────


def by_position(report: Mapping[str, Value]) -> str | None:
    """The state's word, derived from the position where that is all that is reported."""
    state, position = report.get("state"), report.get("position")
    if isinstance(position, int | float) and state not in ("opening", "closing"):
        return "closed" if position == 0 else "open"
    return None if state is None else str(state)


def moved(told: tuple[Message, ...], service: str) -> Order:
    if service.startswith("stop"):
        return Order(told, is_now("open", "closed"))
    if service.startswith("open"):
        return Order(told, is_now("open"), frozenset({"opening"}), may_take_long=True)
    return Order(told, is_now("closed"), frozenset({"closing"}), may_take_long=True)


def arrived(told: tuple[Message, ...], percent: int) -> Order:
    def expected(state: State) -> bool:
        return state.value in ("open", "closed") and near(state.attributes.get("position"), percent, 3)

    return Order(told, expected, frozenset({"opening", "closing"}), may_take_long=True, repeatable=True)
