"""The practice Salesforce."""

from plugins.salesforce.practice.server import PracticeSalesforce

__all__ = ["PracticeSalesforce"]
