"""Four hundred people during fourteen days, with trips, new phones and mailings, and no attack: nobody may be accused."""
from crowd import crowd


def make(name):
    scene = crowd(name)
    scene.expect(nobody_accused=True)
    return scene
