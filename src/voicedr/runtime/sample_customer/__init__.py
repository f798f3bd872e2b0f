"""Acme Clinics: a small voice application in two Regions, to rehearse with and to read.

It is what a customer of the provider runs: webhooks, a fallback, and the document that says which Region is active.
"""

from voicedr.runtime.sample_customer.account import example_account, example_account_yaml
from voicedr.runtime.sample_customer.app import create_app
from voicedr.runtime.sample_customer.estate import CustomerUrls
from voicedr.runtime.sample_customer.settings import Settings
from voicedr.runtime.sample_customer.workbook import GateOptions, KeyReference, LimitOptions, example_workbook

__all__ = [
    "CustomerUrls",
    "GateOptions",
    "KeyReference",
    "LimitOptions",
    "Settings",
    "create_app",
    "example_account",
    "example_account_yaml",
    "example_workbook",
]
