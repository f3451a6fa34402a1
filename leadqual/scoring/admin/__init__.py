from leadqual.scoring.admin import activity_types, scoring_models

__all__ = ["activity_types", "scoring_models"]
