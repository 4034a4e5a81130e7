# SPDX-License-Identifier: ISC
"""The audit log as MeshCentral reads, locks and clears it, and what it calls our events."""
import wsman


def decoded(records):
    """The records that MeshCentral reads to their end. It takes bytes for UTF-8, so one from 0x80
    on (most moments have one) moves everything behind the initiator."""
    return [each for each in records if each["MCLocationType"] in (0, 1) and each["NetAddress"]]


def test_log_is_read_locked_and_cleared(node, stage):
    stage.set_active(True)
    cleared, = node("meshcentral.js", steps=[["auditclear"]])
    assert cleared["body"]["ReturnValue"] == 0
    results = node("meshcentral.js", steps=[
        ["put", "AMT_RedirectionService", {"EnabledState": 32768}],
        ["put", "AMT_RedirectionService", {"EnabledState": 32771}],
        ["power", wsman.POWER_NMI], ["audit"], ["get", "AMT_AuditLog"]])
    log, = (each for each in results if "records" in each)
    assert log["status"] == 200
    events = [each["Event"] for each in log["records"]]
    assert events[0] == "Security Audit Log Cleared"
    assert {"IDER Enabled", "SoL Enabled", "Remote NMI initiated"} <= set(events)
    assert {each["AuditApp"] for each in log["records"]} <= {
        "Security Audit Log", "Redirection Manager", "RCO", "Security Admin"}
    assert all(each["InitiatorType"] == 0 and each["Initiator"] == "admin"
               for each in log["records"])
    assert all(each["NetAddress"].count(".") == 3 for each in decoded(log["records"]))
    assert results[-1]["body"]["CurrentNumberOfRecords"] == len(events)

    locked, = node("meshcentral.js", steps=[["auditlock", 0, 60, 0]])
    handle = locked["body"]["Handle"]
    assert locked["body"]["ReturnValue"] == 0 and handle
    refused, unlocked, again = node("meshcentral.js", steps=[
        ["auditclear"], ["auditlock", 2, 0, handle], ["auditclear"]])
    assert refused["body"]["ReturnValue"] == 32768 + 18
    assert unlocked["body"]["ReturnValue"] == 0
    assert again["body"]["ReturnValue"] == 0


def test_more_records_than_one_answer_holds(node):
    steps = [["put", "AMT_RedirectionService", {"EnabledState": 32768 + 3 * (n % 2)}]
             for n in range(14)]
    results = node("meshcentral.js", steps=[["auditclear"], *steps, ["audit"]])
    assert len(results[-1]["records"]) >= 25
    assert {each["AuditAppID"] for each in results[-1]["records"][1:]} == {18}


def test_policy(node):
    off, _, _, _, log, on = node("meshcentral.js", steps=[
        ["auditpolicy", False, 18, 2, 0], ["auditclear"],
        ["put", "AMT_RedirectionService", {"EnabledState": 32768}],
        ["put", "AMT_RedirectionService", {"EnabledState": 32771}], ["audit"],
        ["auditpolicy", True, 18, 2, 0]])
    assert off["body"]["ReturnValue"] == 0 and on["body"]["ReturnValue"] == 0
    events = [each["Event"] for each in log["records"]]
    assert "SoL Enabled" in events and "IDER Enabled" not in events
