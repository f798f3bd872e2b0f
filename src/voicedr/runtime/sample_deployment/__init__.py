"""Acme Clinics' call-back line as it is run in earnest: several instances, a balancer, a store of three, a fallback.

``voicedr sample up`` starts all of it on one machine; docs/sample_deployment.md shows what each part is good for.
"""
