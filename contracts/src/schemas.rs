//! Generated documents: JSON Schemas and the AsyncAPI description.
