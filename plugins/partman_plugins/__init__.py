"""The plugins that come with partman, made with what any plugin may use."""

from __future__ import annotations
