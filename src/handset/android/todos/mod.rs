//! To-dos: the survey of the task lists, and the conversion of their rows.

pub mod decode;
pub mod survey;
pub mod tables;
