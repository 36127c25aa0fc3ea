"use strict";

// Loaded before zigbee2mqtt (node --require). All of it and of zigbee-herdsman is real but the adapter, the piece that
// drives a USB stick: this one delivers ZCL frames, byte for byte, to a house in memory, which obeys and reports.
//
// In:  lines on standard input. {"device", "endpoint", "cluster", "attributes"}: a device reports of its own accord;
//      {"device", "unplugged": true}: from now on it acknowledges nothing.
// Out: radio.jsonl in zigbee2mqtt's data folder: every command and write that was on the air.

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const {createRequire} = require("node:module");
const {setTimeout: sleep} = require("node:timers/promises");
const {COORDINATOR, moveIn, readHouse} = require("./house.js");

const installed = createRequire(path.join(process.cwd(), "package.json"));
const {Zcl, Zdo} = installed("zigbee-herdsman");
const {Adapter} = createRequire(installed.resolve("zigbee-herdsman"))("./adapter");
const yaml = createRequire(installed.resolve("zigbee2mqtt"))("js-yaml");

const FOLDER = process.env.ZIGBEE2MQTT_DATA;
const {GLOBAL, SPECIFIC} = Zcl.FrameType;
const FROM_DEVICE = Zcl.Direction.SERVER_TO_CLIENT;

const AIR_MS = 5;
const OBEY_MS = 20;

/** What a device makes of a command: the attributes that it changes. Writes say themselves what they change. */
const OBEYS = {
    "genOnOff.off": () => ({genOnOff: {onOff: 0}}),
    "genOnOff.on": () => ({genOnOff: {onOff: 1}}),
    "genOnOff.toggle": (_, now) => ({genOnOff: {onOff: 1 - now.genOnOff.onOff}}),
    "genLevelCtrl.moveToLevel": ({level}) => ({genLevelCtrl: {currentLevel: level}}),
    "genLevelCtrl.moveToLevelWithOnOff": ({level}) => ({
        genLevelCtrl: {currentLevel: level},
        genOnOff: {onOff: level > 0 ? 1 : 0},
    }),
    "lightingColorCtrl.moveToColor": ({colorx, colory}) => ({
        lightingColorCtrl: {colorMode: 1, currentX: colorx, currentY: colory},
    }),
    "lightingColorCtrl.moveToColorTemp": ({colortemp}) => ({
        lightingColorCtrl: {colorMode: 2, colorTemperature: colortemp},
    }),
    "closuresWindowCovering.upOpen": () => lift(0),
    "closuresWindowCovering.downClose": () => lift(100),
    "closuresWindowCovering.goToLiftPercentage": ({percentageliftvalue}) => lift(percentageliftvalue),
    "closuresDoorLock.lockDoor": () => ({closuresDoorLock: {lockState: 1}}),
    "closuresDoorLock.unlockDoor": () => ({closuresDoorLock: {lockState: 2}}),
    "hvacThermostat.danfossSetpointCommand": ({setpoint}) => ({hvacThermostat: {occupiedHeatingSetpoint: setpoint}}),
};

function lift(percent) {
    return {closuresWindowCovering: {currentPositionLiftPercentage: percent}};
}

class Radio extends Adapter {
    constructor(house, ...options) {
        super(...options);
        this.house = house;
    }

    // ── what a stick tells of itself ──

    async start() {
        const said = readline.createInterface({input: process.stdin});
        said.on("line", (line) => this.hear(JSON.parse(line)));
        return "resumed";
    }

    async stop() {}

    async getCoordinatorIEEE() {
        return COORDINATOR;
    }

    async getCoordinatorVersion() {
        return {type: "house in memory", meta: {}};
    }

    async getNetworkParameters() {
        const {panID, channelList} = this.networkOptions;
        return {panID, extendedPanID: "0xdddddddddddddddd", channel: channelList[0], nwkUpdateID: 0};
    }

    async supportsBackup() {
        return false;
    }

    async permitJoin() {}

    async sendZdo(_ieee, _address, request) {
        const {BIND_REQUEST, UNBIND_REQUEST} = Zdo.ClusterId;
        if (request === BIND_REQUEST || request === UNBIND_REQUEST) return [Zdo.Status.SUCCESS, undefined];
        throw new Error(`this house has no answer to ZDO ${request}`);
    }

    waitFor() {
        return {promise: new Promise(() => {}), cancel: () => {}};
    }

    // ── frames ──

    async sendZclFrameToEndpoint(ieee, _address, endpoint, sent, _timeout, disableResponse) {
        const device = this.house.devices.find((device) => device.ieee === ieee);
        const frame = overTheAir(sent);
        record({to: device.name, endpoint}, frame);
        await sleep(AIR_MS);
        if (device.unplugged) throw new Error("no acknowledgement");
        this.obey(device, endpoint, frame);
        const answers = frame.command.response !== undefined || !frame.header.frameControl.disableDefaultResponse;
        if (disableResponse || !answers) return undefined;
        const answer = this.packed(device, endpoint, answerTo(frame, device.endpoints[endpoint]));
        setImmediate(() => this.emit("zclPayload", answer));
        return answer;
    }

    async sendZclFrameToGroup(id, sent) {
        const group = this.house.groups.find((group) => group.id === id);
        const frame = overTheAir(sent);
        record({to: group.name, group: id}, frame);
        for (const {device, endpoint} of group.members) {
            this.obey(device, endpoint, frame);
            if (frame.command.name === "read") this.send(device, endpoint, answerTo(frame, device.endpoints[endpoint]));
        }
    }

    async sendZclFrameToAll() {}

    /** zigbee2mqtt has once told every device of the house to report its attributes, so each change is reported. */
    obey(device, endpoint, frame) {
        const {cluster, command, header, payload} = frame;
        const now = device.endpoints[endpoint];
        const changes = isWrite(frame) ? written(frame) : OBEYS[`${cluster.name}.${command.name}`]?.(payload, now);
        for (const [name, attributes] of Object.entries(changes ?? {})) {
            now[name] = {...now[name], ...attributes};
            const itsOwn = name === cluster.name ? cluster : undefined;
            setTimeout(() => this.report(device, endpoint, name, attributes, itsOwn, header.manufacturerCode), OBEY_MS);
        }
        if (command.name === "dataRequest") {
            // Tuya's own protocol: data points are set, and told back
            const told = [FROM_DEVICE, true, undefined, 0, "dataReport", cluster, payload, {}];
            setTimeout(() => this.send(device, endpoint, Zcl.Frame.create(SPECIFIC, ...told)), OBEY_MS);
        }
    }

    hear({device: name, unplugged, endpoint, cluster, attributes}) {
        const device = this.house.devices.find((device) => device.name === name);
        if (unplugged) {
            device.unplugged = true;
            return;
        }
        Object.assign(device.endpoints[endpoint][cluster], attributes);
        this.report(device, endpoint, cluster, attributes);
    }

    report(device, endpoint, name, attributes, itsOwn, code) {
        const cluster = itsOwn ?? Zcl.Utils.getCluster(name, device.code, {});
        const records = Object.entries(attributes).map(([attribute, attrData]) => {
            const {ID, type} = Zcl.Utils.getClusterAttribute(cluster, attribute, code);
            return {attrId: ID, dataType: type, attrData};
        });
        const said = [FROM_DEVICE, true, code, 0, "report", cluster, records, {}];
        this.send(device, endpoint, Zcl.Frame.create(GLOBAL, ...said));
    }

    send(device, endpoint, frame) {
        this.emit("zclPayload", this.packed(device, endpoint, frame));
    }

    packed(device, endpoint, frame) {
        const data = frame.toBuffer();
        const route = {address: device.address, endpoint, destinationEndpoint: 1, groupID: 0, wasBroadcast: false};
        return {clusterID: frame.cluster.ID, header: Zcl.Header.fromBuffer(data), data, linkquality: 200, ...route};
    }
}

/** As the device reads it: written to bytes and parsed again. */
function overTheAir(sent) {
    const {cluster} = sent;
    const data = sent.toBuffer();
    return Zcl.Frame.fromBuffer(cluster.ID, Zcl.Header.fromBuffer(data), data, {[cluster.name]: cluster});
}

function answerTo(frame, endpoint) {
    const {cluster, command, header} = frame;
    const done = ["defaultRsp", {cmdId: command.ID, statusCode: Zcl.Status.SUCCESS}];
    const [name, payload] = (header.isGlobal ? globalAnswer(frame, endpoint) : specificAnswer(frame)) ?? done;
    const type = name in Zcl.Foundation ? GLOBAL : SPECIFIC;
    const {manufacturerCode: code, transactionSequenceNumber: number} = header;
    return Zcl.Frame.create(type, FROM_DEVICE, true, code, number, name, cluster, payload, {});
}

function globalAnswer({cluster, command, header, payload}, endpoint) {
    if (command.name === "write") return ["writeRsp", [{status: Zcl.Status.SUCCESS}]];
    if (command.name === "configReport") return ["configReportRsp", [{status: Zcl.Status.SUCCESS}]];
    if (command.name !== "read") return undefined;
    const records = payload.map(({attrId}) => {
        const known = Zcl.Utils.getClusterAttribute(cluster, attrId, header.manufacturerCode);
        const attrData = known && endpoint[cluster.name]?.[known.name];
        if (attrData === undefined) return {attrId, status: Zcl.Status.UNSUPPORTED_ATTRIBUTE};
        return {attrId, status: Zcl.Status.SUCCESS, dataType: known.type, attrData};
    });
    return ["readRsp", records];
}

function specificAnswer({cluster, command}) {
    const response = Object.values(cluster.commandsResponse).find(({ID}) => ID === command.response);
    return response && [response.name, Object.fromEntries(response.parameters.map(({name}) => [name, 0]))];
}

function isWrite({command, header}) {
    return header.isGlobal && ["write", "writeUndiv", "writeNoRsp"].includes(command.name);
}

function written({cluster, header, payload}) {
    const nameOf = (id) => Zcl.Utils.getClusterAttribute(cluster, id, header.manufacturerCode)?.name ?? id;
    return {[cluster.name]: Object.fromEntries(payload.map(({attrId, attrData}) => [nameOf(attrId), attrData]))};
}

function record(where, frame) {
    if (frame.header.isGlobal && !isWrite(frame)) return;
    const {cluster, command} = frame;
    const payload = isWrite(frame) ? written(frame)[cluster.name] : frame.payload;
    const line = JSON.stringify({...where, cluster: cluster.name, command: command.name, payload});
    fs.appendFileSync(path.join(FOLDER, "radio.jsonl"), `${line}\n`);
}

const house = readHouse(yaml);
moveIn(house, FOLDER, Zcl, yaml);
Adapter.create = async (...options) => new Radio(house, ...options);
