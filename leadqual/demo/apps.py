from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "leadqual.demo"
    label = "demo"
