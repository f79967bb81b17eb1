"""Django's Postgres with a look at pooled connections that costs no round trip; the settings name it as the engine."""
