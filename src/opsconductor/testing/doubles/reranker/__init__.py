"""Doubles of the reranker port."""
