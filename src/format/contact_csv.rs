//! Contacts as the CSV files of Google Contacts and Outlook.
