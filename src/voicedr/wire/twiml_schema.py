"""Which elements, attributes and nestings TwiML has. Anything else is a warning, 12200, and not an error.

From the pages of the verbs, https://www.twilio.com/docs/voice/twiml and below. Names are case-sensitive.
"""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """What may be in an element. ``open`` means that its children are not looked at."""

    attributes: frozenset[str]
    children: frozenset[str] = frozenset()
    text: bool = False
    open: bool = False


def _shape(attributes: str, children: str = "", *, text: bool = False, open: bool = False) -> Shape:
    return Shape(frozenset(attributes.split()), frozenset(children.split()), text, open)


_CALLBACK = "statusCallback statusCallbackEvent statusCallbackMethod"
_RECORDING = (
    "recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent recordingConfigurationId"
)
_AMD = (
    "machineDetection machineDetectionTimeout machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold "
    "machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod"
)
_SSML = "break emphasis lang p phoneme prosody s say-as sub w"

ELEMENTS: dict[str, Shape] = {
    "Response": _shape(
        "version",
        "Say Play Pause Gather Record Dial Enqueue Leave Redirect Hangup Reject Refer Connect Start Stop Pay Prompt "
        "Sms Message Echo Queue",
    ),
    "Say": _shape("voice language loop", _SSML, text=True),
    "Play": _shape("loop digits", text=True),
    "Pause": _shape("length"),
    "Gather": _shape(
        "action method timeout numDigits finishOnKey input actionOnEmptyResult speechTimeout speechModel language "
        "hints profanityFilter partialResultCallback partialResultCallbackMethod enhanced maxSpeechTime bargeIn debug",
        "Say Play Pause",
    ),
    "Record": _shape(
        "action method timeout finishOnKey maxLength playBeep trim transcribe transcribeCallback "
        f"transcriptionConfigurationId {_RECORDING}"
    ),
    "Dial": _shape(
        "action method timeout timeLimit hangupOnStar callerId record trim recordingTrack answerOnBridge ringTone "
        f"sequential referUrl referMethod callReason events {_RECORDING}",
        "Number Client Sip Conference Queue Application WhatsApp Sim",
        text=True,
    ),
    "Number": _shape(f"url method sendDigits byoc {_CALLBACK} {_AMD}", text=True),
    "Client": _shape(f"url method {_CALLBACK}", "Identity Parameter", text=True),
    "Identity": _shape("", text=True),
    "Sip": _shape(f"username password url method {_CALLBACK} {_AMD}", text=True),
    "Conference": _shape(
        "muted beep startConferenceOnEnter endConferenceOnExit waitUrl waitMethod maxParticipants record region trim "
        f"coach participantLabel jitterBufferSize eventCallbackUrl {_CALLBACK} {_RECORDING}",
        text=True,
    ),
    "Queue": _shape("url method reservationSid postWorkActivitySid", text=True),
    "Application": _shape(
        f"url method customerId copyParentTo {_CALLBACK}", "ApplicationSid Parameter", text=True, open=True
    ),
    "WhatsApp": _shape(f"url method {_CALLBACK}", text=True),
    "Sim": _shape("", text=True),
    "Enqueue": _shape("action method waitUrl waitUrlMethod workflowSid maxQueueSize", "Task", text=True),
    "Task": _shape("priority timeout", text=True),
    "Leave": _shape(""),
    "Redirect": _shape("method", text=True),
    "Hangup": _shape("", "Parameter"),
    "Reject": _shape("reason", "Parameter"),
    "Refer": _shape("action method", "Sip", text=True),
    "Connect": _shape(
        "action method",
        "Stream ConversationRelay VirtualAgent Conversation Room Autopilot ConversationRelaySession AiSession "
        "Assistant",
    ),
    "Start": _shape("action method", "Stream Siprec Transcription Recording"),
    "Stop": _shape("", "Stream Siprec Transcription Recording"),
    "Stream": _shape("url name track statusCallback statusCallbackMethod connectorName", "Parameter"),
    "Siprec": _shape("name connectorName track statusCallback statusCallbackMethod", "Parameter"),
    "Transcription": _shape(
        "name track statusCallbackUrl statusCallbackMethod inboundTrackLabel outboundTrackLabel partialResults "
        "languageCode transcriptionEngine profanityFilter speechModel hints enableAutomaticPunctuation "
        "intelligenceService enableProviderData",
    ),
    "Recording": _shape("name channels track trim recordingStatusCallback recordingStatusCallbackMethod "
                        "recordingStatusCallbackEvent"),
    "ConversationRelay": _shape("", open=True),
    "VirtualAgent": _shape("connectorName language sentimentAnalysis statusCallback statusCallbackMethod", open=True),
    "Conversation": _shape("", open=True),
    "Room": _shape("participantIdentity", text=True),
    "Autopilot": _shape("", text=True),
    "ConversationRelaySession": _shape("", open=True),
    "AiSession": _shape("", open=True),
    "Assistant": _shape("", open=True),
    "Parameter": _shape("name value"),
    "Pay": _shape("", open=True),
    "Prompt": _shape("", open=True),
    "Sms": _shape("to from action method statusCallback", text=True),
    "Message": _shape("to from action method statusCallback", "Body Media", text=True),
    "Body": _shape("", text=True),
    "Media": _shape("", text=True),
    "Echo": _shape(""),
    "ApplicationSid": _shape("", text=True),
}  # fmt: skip

for _name in _SSML.split():
    ELEMENTS[_name] = Shape(frozenset(), text=True, open=True)
