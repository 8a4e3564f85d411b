//! Google joins several values in one cell, one part for each address or company. A part may be empty.

use lifeboat::format::found;
use lifeboat::model::Contact;

#[track_caller]
fn contact(table: &str) -> Contact {
    let found = found::read("contacts.csv", table.as_bytes());
    assert_eq!(found.unreadable.list, []);
    let mut all = found.contacts;
    assert_eq!(all.len(), 1);
    all.remove(0).contact
}

#[test]
fn an_empty_part_at_either_end_keeps_the_others_in_their_places() {
    let contact = contact(
        "First Name,Last Name,Organization Name,Organization Title,Organization Department,Labels,\
         E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,\
         Address 1 - Label,Address 1 - Street,Address 1 - City,Address 1 - Region,Address 1 - Country,\
         Website 1 - Label,Website 1 - Value\n\
         A,New,Co1 ::: Co2, ::: T2,D1 ::: ,* myContacts ::: ,Home,a@x.example ::: ,Mobile,0801 ::: ,Home, ::: 0802,\
         Home,1 Main ::: 2 Side,\"Town ::: \", ::: CA,\"US :::\",,\"http://a ::: \"\n",
    );
    let shown = format!("{contact:?}");
    assert!(!shown.contains(":::"), "{shown}");
    let numbers: Vec<&str> = contact.phones.iter().map(|p| p.number.as_str()).collect();
    assert_eq!(numbers, ["0801", "0802"]);
    assert_eq!(contact.emails[0].address, "a@x.example");
    let [first, second] = contact.addresses.as_slice() else {
        panic!("{:?}", contact.addresses);
    };
    assert_eq!(first.city.as_deref(), Some("Town"));
    assert_eq!(first.country.as_deref(), Some("US"));
    assert_eq!(first.region, None);
    assert_eq!(second.city, None);
    assert_eq!(second.region.as_deref(), Some("CA"));
    let [first, second] = contact.organizations.as_slice() else {
        panic!("{:?}", contact.organizations);
    };
    assert_eq!(
        (first.department.as_deref(), first.title.as_deref()),
        (Some("D1"), None)
    );
    assert_eq!(second.title.as_deref(), Some("T2"));
    assert_eq!(contact.groups, [""; 0]);
    assert_eq!(contact.websites[0].url, "http://a");
}

#[test]
fn empty_parts_may_follow_each_other() {
    let contact = contact(
        "First Name,Phone 1 - Label,Phone 1 - Value,Organization Name,Organization Title\n\
         A,Home :::  ::: Work, :::  ::: 0803, ::: ,Boss\n",
    );
    assert_eq!(contact.phones.len(), 1);
    assert_eq!(contact.phones[0].number, "0803");
    assert_eq!(contact.phones[0].label, lifeboat::model::Label::Work);
    assert_eq!(contact.organizations.len(), 1);
    assert_eq!(contact.organizations[0].company, None);
}

#[test]
fn the_service_of_a_messenger_keeps_its_place() {
    let contact = contact(
        "Name,Given Name,IM 1 - Type,IM 1 - Service,IM 1 - Value\nA,A,Other,AIM ::: Skype, ::: ann\n",
    );
    assert_eq!(contact.messengers.len(), 1);
    assert_eq!(
        contact.messengers[0].service,
        lifeboat::model::MessengerService::Skype
    );
}
