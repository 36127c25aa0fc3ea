"use strict";

// house.yaml in memory, and zigbee2mqtt's own files as they stand when all its devices have joined and were configured.

const fs = require("node:fs");
const path = require("node:path");

const COORDINATOR = "0x00124b0000000000";

/** {devices, groups}: with addresses; a group's members are {device, endpoint}. */
function readHouse(yaml) {
    const {devices, groups} = yaml.load(fs.readFileSync(path.join(__dirname, "house.yaml"), "utf8"));
    devices.forEach((device, index) => Object.assign(device, {ieee: ieeeOf(index), address: 1000 + index}));
    groups.forEach((group, index) => {
        group.id = index + 1;
        group.members = group.members.map((member) => {
            const [, name, endpoint] = /^(.*)\/(\d+)$/.exec(member);
            return {device: devices.find((device) => device.name === name), endpoint: Number(endpoint)};
        });
    });
    return {devices, groups};
}

function moveIn({devices, groups}, folder, Zcl, yaml) {
    const rows = [coordinatorRow(Zcl), ...devices.map((device) => deviceRow(device, Zcl)), ...groups.map(groupRow)];
    const database = rows.map((row, index) => JSON.stringify({id: index + 1, ...row}));
    fs.writeFileSync(path.join(folder, "database.db"), database.join("\n"));
    const names = (things, key) => Object.fromEntries(things.map((thing) => [thing[key], {friendly_name: thing.name}]));
    const named = {devices: names(devices, "ieee"), groups: names(groups, "id")};
    fs.appendFileSync(path.join(folder, "configuration.yaml"), yaml.dump(named));
}

function ieeeOf(index) {
    return `0x00158d00${(index + 1).toString(16).padStart(8, "0")}`;
}

function coordinatorRow(Zcl) {
    const endpoints = {1: endpointRow("1", {}, Zcl)};
    const state = {interviewState: "SUCCESSFUL", meta: {}};
    return {type: "Coordinator", ieeeAddr: COORDINATOR, nwkAddr: 0, manufId: 0, epList: [1], endpoints, ...state};
}

function deviceRow(device, Zcl) {
    const ids = Object.keys(device.endpoints);
    return {
        type: device.battery ? "EndDevice" : "Router",
        powerSource: device.battery ? "Battery" : "Mains (single phase)",
        ieeeAddr: device.ieee,
        nwkAddr: device.address,
        manufId: device.code,
        manufName: device.maker,
        modelId: device.model,
        epList: ids.map(Number),
        endpoints: Object.fromEntries(ids.map((id) => [id, endpointRow(id, device.endpoints[id], Zcl)])),
        interviewState: "SUCCESSFUL",
        meta: {configured: "0.0.0"},
        lastSeen: Date.now(),
    };
}

function endpointRow(id, clusters, Zcl) {
    const names = ["genBasic", ...Object.keys(clusters)];
    const inClusterList = names.map((name) => Zcl.Utils.getCluster(name, undefined, {}).ID);
    const empty = {outClusterList: [], clusters: {}, binds: [], configuredReportings: [], meta: {}};
    return {profId: 260, epId: Number(id), devId: 0, inClusterList, ...empty};
}

function groupRow({id, members}) {
    const rows = members.map(({device, endpoint}) => ({deviceIeeeAddr: device.ieee, endpointID: endpoint}));
    return {type: "Group", groupID: id, members: rows, meta: {}};
}

module.exports = {COORDINATOR, moveIn, readHouse};
