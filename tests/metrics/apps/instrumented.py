"""A FastAPI application as prometheus-fastapi-instrumentator counts it."""

from fastapi import FastAPI, HTTPException
from prometheus_fastapi_instrumentator import Instrumentator

app = FastAPI()


@app.get("/orders/{number}")
def order(number: int):
    if number == 13:
        raise HTTPException(500)
    return {"number": number}


Instrumentator().instrument(app).expose(app)
