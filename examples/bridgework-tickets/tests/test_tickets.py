"""Ticketdesk keeps the contract of connectors."""

from engine.testing import connector_suite

TestTickets = connector_suite("tickets")
